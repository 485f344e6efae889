# Millrace. `make help` lists the targets.
SHELL := /bin/bash
GO ?= go
GOLANGCI_VERSION := v2.15.0
GOLANGCI := $(shell $(GO) env GOPATH)/bin/golangci-lint
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
export GOTOOLCHAIN := local
export GOFLAGS := -buildvcs=false

.DEFAULT_GOAL := all

all: build vet lint race ## build, vet, lint and test under the race detector

build: ## build bin/millrace
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/millrace ./cmd/millrace

run: build ## the demo: PostgreSQL -> registry-encoded records in NATS, on this machine (FOR=30s ends by itself)
	@exec bin/millrace demo $(if $(FOR),--for $(FOR))

test: build ## install and start what the tests need, then run them all
	@test/run

race: ## all tests under the race detector, servers included
	@MILLRACE_TEST_FLAGS=-race test/run

vet: ## go vet
	$(GO) vet ./...

lint: $(GOLANGCI) ## golangci-lint, pinned
	$(GOLANGCI) run ./...

$(GOLANGCI):
	$(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)

fuzz: ## every fuzz target for FUZZTIME (30s)
	@test/fuzz $(or $(FUZZTIME),30s)

parity: ## compat/avro beside Apache Avro for Java, compat/jsonschema beside everit, compat/protobuf beside Wire, on N random schemas (N=20000 SEED=1)
	@test/parity/run $(or $(N),20000) $(or $(SEED),1)
	@test/parity/everit/run $(or $(N),20000) $(or $(SEED),1)
	@test/parity/wire/run $(or $(N),20000) $(or $(SEED),1)

bench: build ## Millrace beside Debezium on Kafka Connect, same machine, one run (ROWS=1000000)
	@test/bench/run $(ROWS)

bench-registry: build ## the registry beside a bare net/http handler, at 1k, 10k and 100k schemas, and on Kafka
	@test/bench/registry/run

services: ## start the servers that the tests use and print their addresses
	@test/services/services start postgres kafka nats && test/services/services env

clean: ## stop the test servers and remove what was built
	-@test/services/services stop
	rm -rf bin

help: ## this list
	@awk -F':.*## ' '/^[a-z][a-z-]*:.*## /{printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: all build run test race vet lint fuzz parity bench bench-registry services clean help
