# `make run` and `make test` do all their set-up. See README.md.
SHELL := /bin/bash
.DEFAULT_GOAL := build

# The patched toolchain is fetched from the Go module proxy when the machine's own is another.
export GOTOOLCHAIN := go1.27.3

# Property tests draw the same cases at each run; RAPID_SEED=0 draws others.
export RAPID_SEED ?= 11473

GO ?= go
NPM ?= npm
BUILD := $(CURDIR)/.build
TOOLS := $(BUILD)/bin
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# R*Tree is compiled in by go-sqlite3; full-text search and mathematics need tags.
TAGS := sqlite_fts5 sqlite_math_functions
GOFLAGS_BUILD := -tags "$(TAGS)" -trimpath -ldflags "-s -w -X main.version=$(VERSION)"

STATICCHECK_VERSION := v0.8.2
GOVULNCHECK_VERSION := v1.9.0
GOSEC_VERSION := v2.30.0
VULNDB_VERSION := v0.0.0-20261105234957-e22db6528018

.PHONY: run build frontend test test-go test-frontend test-e2e lint lint-go lint-frontend gosec vulncheck bench referee fuzz clean check-tools

run: build ## build everything and serve the demo at http://127.0.0.1:8080
	bin/vigie demo

build: frontend ## leave bin/vigie
	$(GO) build $(GOFLAGS_BUILD) -o bin/vigie ./cmd/vigie

check-tools:
	@command -v $(GO) >/dev/null || { echo "Go 1.26 or newer is needed: https://go.dev/dl/" >&2; exit 1; }
	@command -v node >/dev/null || { echo "Node 20 or newer is needed: https://nodejs.org/" >&2; exit 1; }
	@command -v $${CC:-cc} >/dev/null || { echo "A C compiler is needed (Debian: apt-get install gcc libc6-dev)" >&2; exit 1; }
	@node -e 'process.exit(+process.versions.node.split(".")[0] >= 20 ? 0 : 1)' || { echo "Node $$(node --version) is too old: 20 or newer is needed" >&2; exit 1; }

frontend: check-tools $(BUILD)/frontend.stamp

FRONTEND_SOURCES := $(shell find frontend -path frontend/node_modules -prune -o -path frontend/dist -prune -o -type f -print 2>/dev/null)

$(BUILD)/npm.stamp: frontend/package.json frontend/package-lock.json
	@mkdir -p $(BUILD)
	cd frontend && $(NPM) ci --no-audit --no-fund
	@touch $@

$(BUILD)/frontend.stamp: $(BUILD)/npm.stamp $(FRONTEND_SOURCES)
	cd frontend && $(NPM) run build
	@touch $@

test: test-go test-frontend test-e2e ## every test: Go with -race, front-end units, real browser

test-go: check-tools $(BUILD)/npm.stamp
	$(GO) test -race -tags "$(TAGS)" -timeout 15m ./...

test-frontend: $(BUILD)/npm.stamp
	cd frontend && $(NPM) run check && $(NPM) test

test-e2e: build
	.ci/chromium
	cd frontend && $(NPM) run e2e

lint: lint-go lint-frontend gosec vulncheck ## formatting, static analysis, known vulnerabilities

lint-go: check-tools $(TOOLS)/staticcheck
	@test -z "$$(gofmt -l cmd geo api data frontend/*.go *.go)" || { gofmt -l cmd geo api data frontend/*.go *.go; echo "run gofmt -w" >&2; exit 1; }
	$(GO) vet -tags "$(TAGS)" ./...
	$(TOOLS)/staticcheck -tags "$(TAGS)" ./...

lint-frontend: $(BUILD)/npm.stamp
	cd frontend && $(NPM) run lint && $(NPM) run check

# Left out, with what else answers them: G101 finds names (passwordHash), not secrets; G103,
# one unsafe.String that does not outlive its call; G104, errors of closing what was read;
# G115, conversions whose ranges parsers bound and fuzzing tries; G304, files that the
# operator names; G602, indexes that the loops bound. Support of tests is left out too.
GOSEC_EXCLUDE := G101,G103,G104,G115,G304,G602

gosec: $(TOOLS)/gosec
	$(TOOLS)/gosec -quiet -tags "$(TAGS)" -exclude=$(GOSEC_EXCLUDE) \
	  -exclude-dir=.build -exclude-dir=frontend/node_modules -exclude-dir=data/storetest -exclude-dir=data/source/sourcetest -exclude-dir=data/demo/generate ./...

# The database of known vulnerabilities is a Go module: the check works without any other network.
vulncheck: $(TOOLS)/govulncheck $(BUILD)/vulndb/index
	$(TOOLS)/govulncheck -db file://$(BUILD)/vulndb -tags "$(TAGS)" ./...
	.ci/npm-audit

$(TOOLS)/staticcheck:
	GOBIN=$(TOOLS) $(GO) install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_VERSION)

$(TOOLS)/gosec:
	GOBIN=$(TOOLS) $(GO) install github.com/securego/gosec/v2/cmd/gosec@$(GOSEC_VERSION)

$(TOOLS)/govulncheck:
	GOBIN=$(TOOLS) $(GO) install golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION)

$(BUILD)/vulndb/index:
	GOBIN=$(TOOLS) $(GO) install golang.org/x/vulndb/cmd/indexdb@$(VULNDB_VERSION)
	rm -rf $(BUILD)/vulndb
	$(TOOLS)/indexdb -vulns "$$($(GO) mod download -json golang.org/x/vulndb@$(VULNDB_VERSION) | sed -n 's/^\t"Dir": "\(.*\)",$$/\1/p')/data/osv" -out $(BUILD)/vulndb

bench: ## figures of speed, then ratios to PostGIS and Shapely where they are installed, then of the server where wrk is (VIGIE_PEERS: folder of their scripts)
	VIGIE_PEER_DATA=$${VIGIE_PEER_DATA:-$$(test ! -f $(BUILD)/peers/zones.geojson || echo $(BUILD)/peers)} \
	  $(GO) test -tags "$(TAGS)" -run '^$$' -bench . -benchmem ./geo/... ./data/... ./api/...
	.ci/bench
	.ci/bench-serving

referee: build ## compare `vigie assess` with GeoPandas on real files (VIGIE_TEST_DATA)
	data/assess/testdata/referee.py bin/vigie $${VIGIE_TEST_DATA:-../shared/data} $${POINTS:-5000}

FUZZTIME ?= 30s
fuzz: ## run every fuzz target for FUZZTIME
	@set -e; for pkg in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -tags "$(TAGS)" -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "== $$pkg $$target"; $(GO) test -tags "$(TAGS)" -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x $$pkg; \
	  done; done

clean:
	rm -rf bin $(BUILD) frontend/node_modules
	find frontend/dist -mindepth 1 ! -name .gitkeep -delete
