// Does one thing with a key and is ended by the page: what it had in memory goes
// with it. It gets everything it needs in one message and asks the network for
// nothing but the portal's own WebAssembly.
self.onmessage = async (event) => {
  const { runtime, module, operation, input } = event.data;
  try {
    importScripts(runtime);
    const go = new Go();
    const program = await WebAssembly.instantiateStreaming(fetch(module), go.importObject);
    go.run(program.instance);
    self.postMessage(self.remoteIssuance(operation, input));
  } catch {
    self.postMessage({ problem: 'browser' });
  }
};
