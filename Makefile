# Every target installs what it misses first; `make` alone prints this help.
QEMU ?= v3
RUN = tools/run
JUDGED = $(if $(DIALECT),--dialect "$(DIALECT)")
SELECTION = $(JUDGED) $(if $(LABEL),--label "$(LABEL)") $(if $(K),-k "$(K)") $(if $(JOBS),-n $(JOBS)) $(ARGS)
export QEMU_SRC PYTHON

help:  ## this help
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' Makefile | expand -t 18
	@echo
	@echo 'QEMU is v3 (the default), v2, v1, stock, system or a folder with bin/qemu-system-*; v3-bare and v2-bare are the'
	@echo 'series without our fixes of QEMU (series/fixes). These are built from Debian'"'"'s QEMU 10.0; stock-10.2, v3-10.2,'
	@echo 'v3-bare-10.2 and stock-7.2 from the newest and oldest base. QEMU_SRC=DIR is a source tree to take instead;'
	@echo 'PYTHON=... an interpreter to take instead of our own environment. DIALECT=v3 judges by that dialect, whatever'
	@echo 'probing finds: a revision that lost a check is then a failure.'

check:  ## judge a QEMU: QEMU=v3|v2|v1|v3-bare|stock|system|DIR  K=expression  JOBS=n  LABEL=name  ARGS="pytest options"
	tools/check --qemu "$(QEMU)" $(SELECTION)

check-quick:  ## the same with few cases: pairs of values of the large suites, all values of other parameters
	tools/check --qemu "$(QEMU)" -m "not thorough" $(SELECTION)

check-deep:  ## the same as check and the cases that are left out of it: more seeds of what is random
	tools/check --qemu "$(QEMU)" --deep $(SELECTION)

test:  ## lint, types and the tests of the project itself
	tools/selftest

about:  ## what a QEMU was found to be and to do, and why that matters: QEMU=...  K=word in names of its QMP schema
	@tools/about --qemu "$(QEMU)" $(JUDGED) $(if $(K),"$(K)")

qemu:  ## build a QEMU and print where it is: QEMU=v3|v2|stock|v3-10.2|...  ARGS="--quiet --refresh"
	@$(RUN) -m fixtures.reference "$(QEMU)" $(ARGS)

repro:  ## a case as one shell script that needs QEMU alone: CASE=name  QEMU=...  ARGS="--output FILE"
	@tools/repro --qemu "$(QEMU)" $(JUDGED) $(ARGS) "$(CASE)"

page:  ## a run as one HTML file, or two that are compared: A=label  B=label  ARGS="--output FILE"
	@tools/page $(ARGS) "$(A)" $(if $(B),"$(B)")

export:  ## a run in the words of other programs: LABEL=name  ARGS="--junit FILE --tap FILE --kcidb FILE --durations FILE --github"
	@tools/export $(ARGS) "$(LABEL)"

.PHONY: compare merge
compare:  ## what differs between two runs that were kept: A=label B=label  BASE=label  ARGS="--json"
	@tools/compare "$(A)" "$(B)" $(if $(BASE),--base "$(BASE)") $(ARGS)

merge:  ## make one run of the runs of shards: LABEL=name  RUNS="label label"
	@tools/merge "$(LABEL)" $(RUNS)

golden:  ## write the golden files that a QEMU gives: QEMU=...  K=expression
	tools/golden update --qemu "$(QEMU)" $(SELECTION)

golden-prune:  ## remove the golden files that no case uses any more: QEMU=...
	tools/golden prune --qemu "$(QEMU)"

behaviours:  ## write docs/behaviours.md and docs/states.md, the tables of suites/product and suites/states
	tools/behaviours

design:  ## choose the cases of suites/product anew, after a change of its axes or rules: takes minutes
	tools/design

steps:  ## write docs/steps.md, the list of steps with their handlers
	tools/steps

moving:  ## write docs/moving-to-v3.md: which call of dialect v1 becomes which calls of v3
	tools/moving

issues:  ## write docs/known-issues.md, the table of known issues of QEMU
	tools/issues

verdicts:  ## write docs/verdicts.md, a table of runs that were kept: RUNS="label folder label"
	tools/verdicts $(RUNS)

coverage:  ## write into docs/coverage.md which test covers what: ARGS="--check" only looks
	tools/coverage $(ARGS)

stress:  ## run the suites under load and report what is not the same each time: QEMU=...  K=expression  ROUNDS=5
	tools/stress --qemu "$(QEMU)" $(if $(ROUNDS),--rounds $(ROUNDS)) $(SELECTION)

review:  ## build and judge a mailed series: SERIES=MBOX[,MBOX]  DIALECT=  BASE=  VERSION=  EACH=1  FULL=1  SANDBOX=no  K=  JOBS=
	@tools/review --series "$(SERIES)" $(JUDGED) $(if $(BASE),--base "$(BASE)") $(if $(VERSION),--version "$(VERSION)") \
	  $(if $(EACH),--each) $(if $(FULL),--full) $(if $(SANDBOX),--sandbox "$(SANDBOX)") \
	  $(if $(K),-k "$(K)") $(if $(JOBS),-n $(JOBS)) $(ARGS)

bench:  ## time the suites and QEMU's own iotests: QEMU=...
	tools/benchmark --qemu "$(QEMU)" $(ARGS)

tox:  ## the suites under every Python present and with the oldest dependencies: ARGS="-e oldest"
	$(RUN) -m tox $(ARGS)

clean:  ## remove what runs leave in this folder
	rm -rf out .mypy_cache .ruff_cache .tox .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

distclean: clean  ## also remove the cache folder: sources, builds and the virtual environment
	rm -rf "$${XDG_CACHE_HOME:-$$HOME/.cache}/mirror-conformance"

.PHONY: about help page check check-quick check-deep export test qemu repro golden golden-prune behaviours design issues moving steps verdicts coverage stress review bench tox clean distclean
