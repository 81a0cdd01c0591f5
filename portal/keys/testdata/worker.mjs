// Runs the worker of the pages as a browser does: the files by name from a folder,
// one message in as JSON, one out. Octets are {"octets": base64}.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import vm from 'node:vm';

console.log = console.error;
const folder = process.argv[2];
const message = JSON.parse(readFileSync(0, 'utf8'), (_, v) => (v?.octets === undefined ? v : new Uint8Array(Buffer.from(v.octets, 'base64'))));
globalThis.self = globalThis;
globalThis.importScripts = (name) => vm.runInThisContext(readFileSync(join(folder, name), 'utf8'));
globalThis.fetch = async (name) => new Response(readFileSync(join(folder, name)), { headers: { 'content-type': 'application/wasm' } });
globalThis.postMessage = (answer) => {
  process.stdout.write(JSON.stringify(answer, (_, v) => (v instanceof Uint8Array ? { octets: Buffer.from(v).toString('base64') } : v)));
  process.exit(0);
};
vm.runInThisContext(readFileSync(join(folder, 'keys-worker.js'), 'utf8'));
self.onmessage({ data: message });
