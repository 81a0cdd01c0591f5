# `make` lists what can be made. Tools are pinned in tools/go.mod.

TOOL := GOWORK=off go tool -modfile=tools/go.mod
PACKAGING := GOWORK=off go tool -modfile=tools/packaging/go.mod
ROOT := ./...
DEV  := ./dev/...

# Stamped into the program; all three come from the commit, so the same commit gives the same octets.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
COMMIT  ?= $(shell git describe --always --abbrev=40 --exclude='*' --dirty=-modified 2>/dev/null)
DATE    ?= $(shell git log -1 --format=%cI 2>/dev/null)
# Debian's versions begin with a digit and sort "~" before everything.
DEB_VERSION = $(or $(shell echo "$(VERSION)" | sed -nE 's/^v?([0-9].*)$$/\1/p'),0~$(VERSION))
CLI     := github.com/remote-issuance/remote-issuance/internal/cli
STAMPS  := -X $(CLI).stampedVersion=$(VERSION) -X $(CLI).stampedCommit=$(COMMIT) -X $(CLI).stampedDate=$(DATE)

.PHONY: help
help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-20s %s\n", $$1, $$2}'

.PHONY: run
run: ## Start the whole service and take a sample order from request to certificate
	@echo "Building the local stack; the first build takes some minutes (it contains a Temporal server)."
	@go run ./dev $(ARGS)

.PHONY: build
build: ## Build the one program into bin/issuance, the same octets for the same commit
	GOWORK=off CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w $(STAMPS)" -o bin/issuance ./cmd/issuance

.PHONY: deb
deb: build ## Pack bin/issuance as a Debian package into bin/ (VERSION=1.2.3 names what is no release)
	PROGRAM=bin/issuance VERSION="$(DEB_VERSION)" ARCH="$$(go env GOARCH)" $(PACKAGING) nfpm package --config deploy/deb/nfpm.yaml --packager deb --target bin/

.PHONY: chart
chart: ## Lint the Helm chart, show what it makes of its sample values, and test it
	$(PACKAGING) helm lint --strict deploy/helm --values deploy/helm/sample-values.yaml
	$(PACKAGING) helm template issuance deploy/helm --kube-version 1.31.0 --values deploy/helm/sample-values.yaml
	HELM="$$($(PACKAGING) -n helm)" go test ./deploy -count=1 -run 'TestChart'

.PHONY: test
test: check unit e2e ## Run everything that has to pass: checks, tests, tests on the real server

.PHONY: unit
unit: ## Tests of the service itself, with the race detector
	go test -race -shuffle=on -timeout 15m $(ROOT)

.PHONY: e2e
e2e: ## Tests on a real Temporal server and a real PostgreSQL
	go test -shuffle=on -timeout 20m $(DEV)

.PHONY: compose-test
compose-test: ## Start docker-compose.yml in containers and try it out (root, Debian, podman)
	go run ./dev/compose

.PHONY: check
check: ## Formatting, vet, linters, determinism of the workflows
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "run gofmt on these files"; exit 1; }
	go vet $(ROOT)
	go vet $(DEV)
	$(TOOL) workflowcheck ./workflows
	@$(TOOL) oapi-codegen -config api/contract/codegen.yaml -o "$${TMPDIR:-/tmp}/contract.gen.go" api/openapi.yaml
	@cmp -s "$${TMPDIR:-/tmp}/contract.gen.go" api/contract/contract.gen.go || { echo "api/contract is older than api/openapi.yaml: make generate"; exit 1; }
	@go test ./api -run Example >/dev/null || { echo "the examples of api/openapi.yaml are older than the handlers: make generate"; exit 1; }
	@$(TOOL) oapi-codegen -config dev/integrator/codegen.yaml -o "$${TMPDIR:-/tmp}/client.gen.go" api/openapi.yaml
	@cmp -s "$${TMPDIR:-/tmp}/client.gen.go" dev/integrator/client.gen.go || { echo "dev/integrator is older than api/openapi.yaml: make generate"; exit 1; }
	$(TOOL) golangci-lint run --allow-parallel-runners $(ROOT)
	@$(MAKE) --no-print-directory deadcode

.PHONY: deadcode
deadcode: ## Functions that no program and no test of both modules reaches
	@tool="$$($(TOOL) -n deadcode)" && found="$$($$tool -test $(ROOT) $(DEV))" && test -z "$$found" || { echo "$$found"; echo "delete what nobody reaches"; exit 1; }

.PHONY: contract-typescript
contract-typescript: ## Types of the contract for TypeScript, and a client in them (needs nodejs and npm)
	cd tools/typescript && npm ci --no-audit --no-fund && npm run generate && npm run build

.PHONY: token
token: ## Tests of keys in a PKCS#11 token (needs softhsm2 and opensc)
	go test -tags pkcs11 ./internal/ca/...

.PHONY: fuzz
fuzz: ## Fuzz every parser of foreign bytes for ten seconds each
	@./tools/fuzz.sh 10s

.PHONY: bench
bench: ## Benchmarks of the algorithms
	go test -run '^$$' -bench . -benchmem ./internal/stb/...

.PHONY: bench-orders
bench-orders: ## What an order costs, beside what Temporal itself costs
	@go build -o "$${TMPDIR:-/tmp}/bench-orders" ./dev/bench
	@"$${TMPDIR:-/tmp}/bench-orders" $(ARGS)

.PHONY: faults
faults: ## Break everything under thousands of orders and judge what came of it (docs/reliability.md)
	@go build -o "$${TMPDIR:-/tmp}/issuance-faults" ./dev/faults
	@"$${TMPDIR:-/tmp}/issuance-faults" $(ARGS)

.PHONY: screenshots
screenshots: ## Pictures of every page of the portal into bin/screenshots (needs chromium)
	SCREENSHOTS="$(CURDIR)/bin/screenshots" go test -count=1 ./dev/browser

.PHONY: operator-walk
operator-walk: ## From an alert to its cause in three clicks, in a browser (needs chromium and prometheus; six minutes)
	OPERATOR_WALK=1 go test -count=1 -timeout 15m -run TestOperatorFinds ./dev/browser

.PHONY: portal
portal: ## Build the WebAssembly of the portal's pages anew
	go generate ./portal/keys

.PHONY: generate
generate: ## Generate types and examples of the API's contract, the database queries and the configuration reference
	$(TOOL) oapi-codegen -config api/contract/codegen.yaml -o api/contract/contract.gen.go api/openapi.yaml
	$(TOOL) oapi-codegen -config dev/integrator/codegen.yaml -o dev/integrator/client.gen.go api/openapi.yaml
	$(TOOL) sqlc generate
	go test ./api -run 'TestExamples$$' -update
	go test ./internal/config -update
