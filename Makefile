# SPDX-License-Identifier: GPL-2.0
# Livepatch Suite: "make help" tells what there is.
#
# KDIR    kernel build tree for "make" and "make install"
# KERNEL  test kernel(s) for "make demo" and "make check"

MAKEFLAGS += --no-print-directory
V ?= 0
ifeq ($(V),0)
Q := @
else
Q :=
endif
export V

VM := selftests/vm
# Where there is a KDIR, its kernel's: that is where "make install" installs.
KREL ?= $(or $(if $(KDIR),$(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' '$(KDIR)/include/generated/utsrelease.h' 2>/dev/null)),$(shell uname -r))
# A build tree that "make check KDIR=..." tests must not be mistaken for the
# running kernel's: only modules and install have a default.
MODDIR := $(or $(KDIR),/lib/modules/$(KREL)/build)
DKMS_VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
DKMS_SRC := $(DESTDIR)/usr/src/livepatch-suite-$(DKMS_VERSION)

.PHONY: all help modules clean demo check check-mainline check-style cases corpus unchanged bench bench-build fuzz \
	install uninstall \
	dkms-install dkms-uninstall need-kdir need-dkms

all: modules

help:
	@echo 'Livepatch Suite'
	@echo ''
	@echo '  make demo            live-patch a stock Debian kernel in QEMU and show it'
	@echo '  make check           run the selftests on the default kernels'
	@echo '                       KERNEL=all|"6.12 7.2"|...  TEST=shadow  KDIR=path'
	@echo '  make check-mainline  run mainline'"'"'s livepatch selftests over our core'
	@echo '  make cases           what kpatch-build must be able to patch, and refuse'
	@echo '                       KERNEL=6.12|KDIR=path  TEST="meminfo module"  CORE=klp|kpatch'
	@echo '  make corpus          kpatch-build on a sample of real updates; what came of it'
	@echo '                       goes to Documentation/kpatch-corpus.md (N=40 SEED=1'
	@echo '                       OBJECTS=150: no headers that more objects include)'
	@echo '  make unchanged       kpatch-build on a patch that changes nothing in N random'
	@echo '                       source files (KERNEL=6.1 N=200 SEED=1)'
	@echo '  make bench           what patches cost: tables with targets (KERNEL=6.1,'
	@echo '                       PART="percall window late rsb ...")'
	@echo '  make bench-build     what kpatch-build costs, and how much less that is than'
	@echo '                       a whole kernel (KERNEL=6.1)'
	@echo '  make fuzz            feed damaged files to all that reads foreign ones, for an'
	@echo '                       hour (TIME=3600, in seconds; TEST="elf image prove ...")'
	@echo '  make check-style     checkpatch, sparse, shellcheck, layering rules'
	@echo ''
	@echo '  make                 build the modules for the running kernel (or KDIR=)'
	@echo '  make install         install them below /lib/modules/KREL/updates'
	@echo '  make uninstall       remove them again'
	@echo '  make dkms-install    hand the core module to DKMS'
	@echo '  make dkms-uninstall  take it away from DKMS'
	@echo '  make clean           remove what was built here'
	@echo ''
	@echo 'Test kernels:          $(VM)/kernel list'
	@echo 'A shell in one:        $(VM)/run -k 6.1 -i'
	@echo 'V=1 shows the commands and the boot log.'

need-kdir:
	@case '$(CURDIR)' in *' '*) \
		echo "make: the kernel's build system cannot work in a path with a space: $(CURDIR)" >&2; \
		exit 1 ;; esac
	@test -f '$(MODDIR)/Makefile' || { \
		echo "make: no kernel build tree at $(MODDIR): install the headers (apt-get install linux-headers-$(KREL), yum install kernel-devel-$(KREL)) or give KDIR=path" >&2; \
		exit 1; }

modules: need-kdir
	$(Q)$(MAKE) -s$(if $(filter 1,$(V)),,) -C '$(MODDIR)' M='$(CURDIR)' modules

clean:
	$(Q)if test -f '$(MODDIR)/Makefile'; then \
		$(MAKE) -s -C '$(MODDIR)' M='$(CURDIR)' clean; \
	elif ls core/*.o samples/*.o >/dev/null 2>&1; then \
		echo 'make: core/ and samples/ are left as they are: give the KDIR= that they were built with' >&2; fi
	$(Q)$(MAKE) -C selftests clean
	$(Q)rm -rf .build

demo:
	$(Q)$(VM)/demo $(KERNEL)

check:
	$(Q)KERNEL='$(KERNEL)' KDIR='$(KDIR)' TEST='$(TEST)' $(VM)/check

check-mainline:
	$(Q)KERNEL='$(KERNEL)' $(VM)/check-mainline

cases:
	$(Q)selftests/build-cases/run $(if $(KDIR),--kdir '$(KDIR)',-k '$(or $(KERNEL),6.1)') --core '$(or $(CORE),klp)' $(TEST)

corpus:
	$(Q)selftests/build-cases/corpus -n '$(or $(N),40)' --seed '$(or $(SEED),1)' \
		--objects '$(or $(OBJECTS),0)' -o Documentation/kpatch-corpus.md

unchanged:
	$(Q)selftests/build-cases/unchanged -k '$(or $(KERNEL),6.1)' -n '$(or $(N),200)' -s '$(or $(SEED),1)'

bench:
	$(Q)selftests/bench/run $(addprefix -k ,$(KERNEL)) $(PART)

bench-build:
	$(Q)selftests/build-cases/bench -k '$(or $(KERNEL),6.1)'

fuzz:
	$(Q)selftests/elf/fuzz -t '$(or $(TIME),3600)' $(TEST)

check-style:
	$(Q).ci/check-style

# Kernels that sign their modules cannot sign ours without their key.
NO_KEY := $(if $(wildcard $(MODDIR)/certs/signing_key.pem),,CONFIG_MODULE_SIG_ALL=)

install: modules
	$(Q)$(MAKE) -s -C '$(MODDIR)' M='$(CURDIR)' INSTALL_MOD_DIR=updates $(NO_KEY) \
		$(if $(DESTDIR),INSTALL_MOD_PATH='$(DESTDIR)') modules_install

# Each sample is one file; the core is one module of many.
MODULE_NAMES := kpatch $(patsubst samples/%.c,%,$(wildcard samples/*patch-*.c))

uninstall:
	$(Q)for m in $(MODULE_NAMES); do \
		rm -f '$(DESTDIR)/lib/modules/$(KREL)/updates/'*/"$$m".ko*; done
	$(Q)cd '$(DESTDIR)/lib/modules/$(KREL)' 2>/dev/null && \
		rmdir updates/core updates/samples updates 2>/dev/null || true
	$(Q)depmod $(if $(DESTDIR),-b '$(DESTDIR)') '$(KREL)'

need-dkms:
	@command -v dkms >/dev/null || { \
		echo 'make: DKMS is not installed, or not in PATH: apt-get install dkms, yum install dkms (of EPEL)' >&2; \
		exit 1; }

# DKMS builds from a copy of just what it needs: what was built here, for one
# kernel, may look up to date for another.  A version that it has already would
# keep the module that was built of the old sources.
dkms-install: need-dkms
	$(Q)[ -z "$$(dkms status -m livepatch-suite -v '$(DKMS_VERSION)')" ] || \
		dkms remove -m livepatch-suite -v '$(DKMS_VERSION)' --all
	$(Q)rm -rf '$(DKMS_SRC)' && mkdir -p '$(DKMS_SRC)'
	$(Q)cp -a dkms.conf COPYING core '$(DKMS_SRC)/'
	$(Q)find '$(DKMS_SRC)' \( -name '*.o' -o -name '*.o.d' -o -name '*.ko' -o -name '*.mod*' \
		-o -name '.*.cmd' -o -name modules.order -o -name Module.symvers \) -delete
	$(Q)rm -rf '$(DKMS_SRC)/core/compat/generated'
	$(Q)dkms add -m livepatch-suite -v '$(DKMS_VERSION)'
	$(Q)dkms build -m livepatch-suite -v '$(DKMS_VERSION)' -k '$(KREL)'
	$(Q)dkms install -m livepatch-suite -v '$(DKMS_VERSION)' -k '$(KREL)'

dkms-uninstall: need-dkms
	$(Q)dkms remove -m livepatch-suite -v '$(DKMS_VERSION)' --all
	$(Q)rm -rf '$(DKMS_SRC)'
