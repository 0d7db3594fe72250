# Everything here is an ordinary command; the README names the two that matter
# where there is no make.

SHELL   := /bin/bash
ARGS    ?=
LOAD    ?=
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null)
WEB     := web-client
CLIENT  := $(shell git ls-files -co --exclude-standard $(WEB)/src $(WEB)/public $(WEB)/*.html $(WEB)/*.json $(WEB)/*.ts 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help run build web test lint bench load prove-journal prove-meeting prove-rules prove-kiosk prove-console screenshots clean

help: ## this list
	@echo "Giaoban $(VERSION)"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  make run ARGS='--tree tuyen-quang --demo-points 5'   flags of giaoban serve"
	@echo "  make bench JSON=figures.json                          figures under stable names"

run: build ## build all and hold a demo meeting
	@exec bin/giaoban serve $(ARGS)

.PHONY: run-cascade
run-cascade: build ## centre, province, district and commune on this machine, with the links of each
	@exec docs/run-cascade.sh

build: web ## one static binary with the web client inside, bin/giaoban
	CGO_ENABLED=0 go build -trimpath -o bin/giaoban ./cmd/giaoban

web: $(WEB)/dist/room.html ## the web client, web-client/dist

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json
	npm --prefix $(WEB) ci --no-audit --no-fund --loglevel=error

$(WEB)/dist/room.html: $(WEB)/node_modules/.package-lock.json $(CLIENT)
	npm --prefix $(WEB) run build

test: ## everything: vet, types, Go with -race, web, a meeting in real browsers; ends in a pass count
	@.ci/need
	@.ci/test

lint: $(WEB)/node_modules/.package-lock.json ## golangci-lint (its first build takes 2 minutes), biome, tsc
	go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run
	npm --prefix $(WEB) run lint
	npm --prefix $(WEB) run typecheck

bench: ## forwarding cost at 10 to 200 subscribers, beside stock Pion and the bare loop; JSON=path writes the figures
	$(if $(JSON),JSON=$(abspath $(JSON))) go test ./sfu -run '^$$' -bench . -benchtime 2s

load: ## rehearse a briefing of 22 points for a minute: LOAD='--scenario L2 --points 5', report in bin/load.html
	CGO_ENABLED=0 go build -trimpath -o bin/giaoban ./cmd/giaoban
	CGO_ENABLED=0 go build -trimpath -o bin/loadtest ./cmd/loadtest
	bin/loadtest local --scenario L1 --json bin/load.json --html bin/load.html $(LOAD)

.PHONY: prove-load prove-load-faults prove-growth
prove-load: ## a scenario of the province in full: SCENARIO=L1 … L9, ARGS=--netns for L8; report in bin/SCENARIO.html
	CGO_ENABLED=0 go build -trimpath -o bin/giaoban ./cmd/giaoban
	CGO_ENABLED=0 go build -trimpath -o bin/loadtest ./cmd/loadtest
	bin/loadtest local --scenario $(or $(SCENARIO),L4) --json bin/$(or $(SCENARIO),L4).json --html bin/$(or $(SCENARIO),L4).html $(ARGS)

prove-load-faults: ## four faults planted in the bridge, each found by name by a run
	GIAOBAN_PROVE_FAULTS=1 go test ./loadtest/run -run TestFaults -count=1 -v -timeout 20m

prove-growth: ## cost at 10 to 200 points, on one node and on a tree; curves in bin/growth.html
	CGO_ENABLED=0 go build -trimpath -o bin/giaoban ./cmd/giaoban
	CGO_ENABLED=0 go build -trimpath -o bin/loadtest ./cmd/loadtest
	@for n in 10 25 50 100 200; do for s in growth growth-tree; do \
	  bin/loadtest local --scenario $$s --points $$n --json bin/$$s-$$n.json || true; done; done
	bin/loadtest growth bin/growth*.json --html bin/growth.html

prove-journal: ## the journal under 50 kills of the process, and of Redis, in 10 000 commands
	CI=1 GIAOBAN_PROVE_KILLS=50 GIAOBAN_PROVE_COMMANDS=10000 go test ./internal/store/storetest -run Kill -count=1 -v -timeout 30m

.PHONY: prove-sentinel
prove-sentinel: ## 20 kills and 10 freezes of the Redis master behind Sentinels, under 100 commands a second
	CI=1 GIAOBAN_PROVE_SENTINEL=1 go test ./internal/store/storetest -run TestSwitchedMaster -count=1 -v -timeout 20m

.PHONY: prove-damage
prove-damage: ## every kind of damage to the store, at rest and while running, with the real program started on each
	CI=1 GIAOBAN_PROVE_DAMAGE=1 go test ./cmd/giaoban ./internal/store/bolt ./internal/audit -run "Damage|Cut|Lost|Backup|AStartOpens" -count=1 -v -timeout 30m

prove-kiosk: build ## two hours of a room nobody looks after: cut lines, killed servers, pulled devices (MINUTES=n)
	GIAOBAN_SOAK_MINUTES=$(or $(MINUTES),120) npm --prefix $(WEB) run e2e -- kiosk

prove-meeting: build ## a whole meeting through the screens, its minutes checked, its log moved to another server
	npm --prefix $(WEB) run e2e -- meeting.test.ts

prove-rules: ## the rules: transcripts, invariants, rights, planted faults, 10 minutes of random commands, benchmarks
	GIAOBAN_PROVE_FAULTS=1 go test ./internal/meeting -count=1 -timeout 30m -rapid.checks 2000
	go test ./internal/meeting -run '^$$' -fuzz '^FuzzCommands$$' -fuzztime 10m -fuzzminimizetime 5x
	go test ./internal/meeting -run '^$$' -bench . -benchtime 2s

.PHONY: prove-cascade
prove-cascade: ## four tiers of real nodes in namespaces, lines cut, nodes killed, cheats at every tier; needs root (RUN=name)
	CI=1 GIAOBAN_PROVE_CASCADE=1 go test ./loadtest/run ./cascade ./sfu -run '$(or $(RUN),FourTiers|OncePerLine|Cascade|LinkBytes)' -count=1 -v -timeout 90m

.PHONY: prove-logless
prove-logless: ## microphones closed while a full disk, a Redis without its replica or a hung one takes nothing; needs root
	CI=1 GIAOBAN_PROVE_LOGLESS=1 go test ./loadtest/run -run TestLogless -count=1 -v -timeout 60m

.PHONY: prove-storm prove-isolation prove-soak prove-fuzz
prove-storm: ## 200 points join within 20 s, then a layout for all of them (PEERS=n)
	GIAOBAN_PROVE_STORM=$(or $(PEERS),200) go test ./sfu -run TestStorm -count=1 -v -timeout 10m

prove-isolation: ## stopped processes, a stalled TCP connection and garbage, and what the others notice (SECONDS_EACH=n)
	GIAOBAN_PROVE_ISOLATION=$(or $(SECONDS_EACH),20) go test ./sfu -run TestOthersNoticeNothing -count=1 -v -timeout 10m

prove-soak: ## 30 minutes of 50 points, one replaced each second, speakers and layouts changing (MINUTES=n)
	GIAOBAN_PROVE_SOAK=$$(( $(or $(MINUTES),30) * 60 )) go test ./sfu -run TestSoak -count=1 -v -timeout 90m

prove-fuzz: ## every decoder of the media path is fed nonsense for ten minutes each (EACH=30s)
	@git grep -oE '^func Fuzz\w+' -- 'sfu/*_test.go' 'internal/rewrite/*_test.go' | while IFS=: read -r file target; do \
	  go test -run '^$$' -fuzz "^$${target#func }\$$" -fuzztime $(or $(EACH),10m) "./$$(dirname "$$file")" </dev/null || exit 1; done

.PHONY: prove-floods
prove-floods: ## one neighbourhood floods beside a meeting of 22 points, in six ways: what the others notice (SECONDS_EACH=n)
	GIAOBAN_PROVE_FLOODS=$(or $(SECONDS_EACH),60) go test ./cmd/giaoban -run TestFloodsBesideAMeeting -count=1 -v -timeout 30m

.PHONY: prove-decode
prove-decode: build ## 1000 switches of points and sizes, VP8 and H.264, into one page of 20 pictures (SWITCHES=n)
	GIAOBAN_PROVE_DECODE=$(or $(SWITCHES),1000) npm --prefix $(WEB) run e2e -- decode.test.ts

prove-console: build ## half an hour of the console of 250 bots, each measured every second (MINUTES=n)
	GIAOBAN_PROVE_CONSOLE=$$(( $(or $(MINUTES),30) * 60 )) npm --prefix $(WEB) run e2e -- desk.test.ts

.PHONY: prove-lines
prove-lines: build ## a real browser behind bad lines (PART=50, 150 or 300 ms of round trip, or steps; all four)
	@for part in $(or $(PART),50 150 300 steps); do \
	  GIAOBAN_PROVE_LINES=$$part npm --prefix $(WEB) run e2e -- lines.test.ts || exit 1; done

screenshots: build ## the pictures in docs/images, every page and state, each judged by axe-core
	npm --prefix $(WEB) run screenshots

clean: ## remove what the targets made
	rm -rf bin $(WEB)/node_modules
	find $(WEB)/dist -mindepth 1 ! -name '.*' -delete
