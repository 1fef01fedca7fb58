# SPDX-License-Identifier: GPL-2.0-only
"""Answers the guest's questions about what its hardware really holds.

A test in the guest writes one line, the oracle reads the emulator's state by
QMP while the guest stands still, and answers one line: "ok ..." or "err ...".
The verbs are the methods whose name starts with do_; their docstrings are
the protocol.
"""

import bisect
import collections
import hashlib
import random
import re
import threading
import time

from guest.qmp import QmpError


class Symbols:
    """Kernel addresses to function names, from System.map."""

    def __init__(self, path):
        self.starts, self.names = [], []
        with open(path, encoding="ascii") as f:
            for line in f:
                addr, kind, name = line.split()
                if kind in "tTwW":
                    self.starts.append(int(addr, 16))
                    self.names.append(name)

    def name(self, addr):
        i = bisect.bisect_right(self.starts, addr) - 1
        return self.names[i] if i >= 0 else "?"


class Oracle:
    # Between the update of CONTEXTIDR_EL1 and that of the labels a CPU is in
    # one of these with interrupts off: its sample says nothing.
    # So it does in what KASAN has them call at each of their accesses.
    SWITCHING = re.compile(r"__switch_to$|cpu_switch_to$|__asan_|kasan_")

    # Of all other controls, what limits nothing is what PARTID 0 has after reset. A floor
    # for everybody is none for anybody.
    NO_LIMIT_IS_ZERO = ("CMIN", "MBW_MIN", "MBW_PROP")

    def __init__(self, qmp, symbols=None, console=None, hidden=()):
        self.qmp = qmp
        self.symbols = symbols
        self.console = console      # a socket to type at
        self.chattering = threading.Event()
        self.hidden = hidden        # "<msc>/<ris>" that the guest is not told of, or
                                    # "<msc>" that it can't use
        self.expected = {}          # pid -> (partid of data, of instructions, pmg)
        self.watches = []           # (cpu, level, partid, mask)
        self.watched = None         # a CPU: all MSCs hold what was remembered
        self.watch_seen, self.watch_wrong = 0, None
        self.dead = {}              # CPU -> PARTID that it must not carry
        self.dead_seen = []
        self.remembered = {}
        self.partids = None         # that the kernel says it uses, when it has MPAM on
        self.forgetting, self.forgot = False, []

    def answer(self, line):
        verb, *args = line.split()
        method = getattr(self, "do_" + verb.replace("-", "_"), None)
        if method is None:
            return f"err unknown verb {verb}"
        try:
            return ("ok " + (method(*args) or "")).rstrip()
        except (QmpError, ValueError, KeyError, LookupError, TypeError) as e:
            return f"err {verb}: {e}".replace("\n", " ")

    # What the machine is

    def _mscs(self):
        return self.qmp.call("query-mpam-mscs")

    def _cpu(self, cpu):
        for info in self.qmp.call("query-mpam-cpus"):
            if info["cpu-index"] == int(cpu):
                return info
        raise LookupError(f"no CPU {cpu}")

    def _msc(self, name):
        for msc in self._mscs():
            if msc["name"] == name:
                return msc
        raise LookupError(f"no MSC {name}")

    def do_hello(self):
        """Is anybody there?"""
        return "oracle"

    def do_mscs(self):
        """Names of all MSCs."""
        return " ".join(m["name"] for m in self._mscs())

    def do_reach(self, name):
        """CPUs that can access an MSC."""
        return " ".join(str(c) for c in self._msc(name)["cpus"])

    def do_caches(self, level):
        """One comma list of CPUs per cache of that level that has a cache portion control."""
        groups = sorted({tuple(r["cache-cpus"]) for m in self._mscs() for r in m["ris"]
                         if self._is_cache(r, level)})
        return " ".join(",".join(str(c) for c in g) for g in groups)

    # What the memory side holds

    @staticmethod
    def _is_cache(ris, level):
        return (ris["kind"] == "cache" and ris["level"] == int(level) and
                ris.get("cpbm-width", 0) > 0)

    def _configs(self, msc, ris, first, last, **which):
        """What the hardware acts on: with T241-MPAM-1, not always what registers hold. By
        PARTID; and by register, what PARTID 0 has after reset."""
        partids, reset = {}, {}
        for r in self.qmp.call("query-mpam-config", msc=msc["name"], ris=ris["ris"],
                               partid=first, last=last, **which):
            partids.setdefault(r["partid"], {})[r["name"]] = r["effective"]
            reset[r["name"]] = r["reset"]
        return partids, reset

    def _config(self, msc, ris, partid):
        partid = int(partid)
        return self._configs(msc, ris, partid, partid)[0].get(partid, {})

    def _cpbm(self, msc, ris, partid):
        regs = self._config(msc, ris, partid)
        words = sorted((int(n[4:]), v) for n, v in regs.items() if n.startswith("CPBM"))
        return sum(v << (32 * i) for i, v in words)

    def do_cpbm(self, level, cpu, partid):
        """The portion bitmap of a PARTID in every RIS of the cache that this CPU uses:
        <msc>/<ris>/<width>=<hex> ..."""
        with self.qmp.stopped():
            found = [(m, r, self._cpbm(m, r, partid)) for m in self._mscs() for r in m["ris"]
                     if self._is_cache(r, level) and int(cpu) in r["cache-cpus"] and
                     f"{m['name']}/{r['ris']}" not in self.hidden]
        if not found:
            raise LookupError(f"no L{level} MSC for CPU {cpu}")
        return " ".join(f"{m['name']}/{r['ris']}/{r['cpbm-width']}={v:#x}" for m, r, v in found)

    def _mbw(self):
        """The RIS that limit bandwidth: the L3s', or if they can't, those of memory."""
        rows = [(m, r) for m in self._mscs() for r in m["ris"] if r["mbw-max-width"] and
                (r["kind"] == "memory" or r["kind"] == "cache" and r["level"] == 3)]
        return [row for row in rows if row[1]["kind"] == "cache"] or rows

    def _class(self, kind, level=0):
        """The RIS of each MSC that are a part of the caches of a level, or of things of another
        kind; none if the guest can't use one of these MSCs."""
        mscs = {m["name"]: [r for r in m["ris"] if (r["kind"], r["level"]) == (kind, level) and
                            f"{m['name']}/{r['ris']}" not in self.hidden]
                for m in self._mscs()}
        mscs = {name: ris for name, ris in mscs.items() if ris}
        return [] if mscs.keys() & set(self.hidden) else list(mscs.values())

    def do_offers(self, nodes):
        """What resctrl offers on this machine, by the rules of mpam.rst: resources and events.
        There are so many NUMA nodes if each is just what shares an L3, else 0."""
        everybody = {c["cpu-index"] for c in self.qmp.call("query-mpam-cpus")}
        l3, memory = self._class("cache", 3), self._class("memory")

        def complete(mscs, what):
            return bool(mscs) and all(any(r[what] for r in ris) for ris in mscs)

        def everywhere(mscs, what):
            return complete(mscs, what) and everybody == {
                c for ris in mscs for r in ris for c in r["cache-cpus"]}

        def masks(mscs):
            widths = {r["cpbm-width"] for ris in mscs for r in ris} - {0}
            return everywhere(mscs, "cpbm-width") and len(widths) == 1

        def passes_l3(what):
            return everywhere(l3, what) or (len(memory) >= int(nodes) > 0 and
                                            complete(memory, what))

        offers = {"L3": masks(l3), "L2": masks(self._class("cache", 2)),
                  "MB": passes_l3("mbw-max-width"),
                  "llc_occupancy": everywhere(l3, "csu-monitors"),
                  "mbm_total_bytes": passes_l3("mbwu-monitors")}
        return " ".join(name for name, there in offers.items() if there) or "nothing"

    def do_mbw_max(self, partid):
        """What a PARTID holds in MBW_MAX of every RIS that limits bandwidth: the L3s', or
        if they can't, those of memory: <msc>/<ris>/<width>/<kind>=<hex> ..., or "none"."""
        with self.qmp.stopped():
            rows = [(m, r, self._config(m, r, partid)["MBW_MAX"]) for m, r in self._mbw()]
        return " ".join(f"{m['name']}/{r['ris']}/{r['mbw-max-width']}/{r['kind']}={v:#x}"
                        for m, r, v in rows) or "none"

    @classmethod
    def _open(cls, msc, reset):
        """What each register has for a PARTID that nothing limits and nothing favours."""
        values = {name: 0 if name in cls.NO_LIMIT_IS_ZERO else value
                  for name, value in reset.items()}
        if msc["shadowed"] and "MBW_MIN" in values:
            # T241-MPAM-4: as PARTID 0 has it, and of that so many bits as there are
            step = values["MBW_MAX"] & -values["MBW_MAX"]
            values["MBW_MIN"] = (values["MBW_MAX"] - 0x10000 // 20) // step * step
        return values

    def _limits_of(self, msc, ris, first, last, **which):
        """Registers of PARTIDs that limit them."""
        if first > last:
            return
        partids, reset = self._configs(msc, ris, first, last, **which)
        want = self._open(msc, reset)
        for partid, regs in partids.items():
            for name, value in regs.items():
                if value != want[name]:
                    yield (f"{msc['name']} ris {ris['ris']} {'internal ' * bool(which)}PARTID "
                           f"{partid}: {name} is {value:#x}, not {want[name]:#x}")

    def _limits(self, first, last, internal=False):
        """Whatever makes a difference for one of these PARTIDs, in MSCs that have power; and
        for internal ones, if asked, whoever uses them."""
        for m in self._mscs():
            if not m["powered"] or m["name"] in self.hidden:
                continue
            for p in self.qmp.call("query-mpam-partids", msc=m["name"])[first:last + 1]:
                if not p["enabled"]:
                    yield f"{m['name']}: PARTID {p['partid']} is disabled"
                if p.get("intpartid", 0) not in (0, p["partid"]):
                    yield f"{m['name']}: PARTID {p['partid']} is {p['intpartid']} inside"
            for r in m["ris"]:
                yield from self._limits_of(m, r, first, min(last, r["partid-max"]))
                if internal:
                    yield from self._limits_of(m, r, 0, min(last, m["intpartids"] - 1),
                                               internal=True)

    def do_all_open(self, first, last):
        """Does nothing make a difference for these PARTIDs in any RIS with power: no maximum,
        no floor, all portions, the highest priorities, not disabled?"""
        with self.qmp.stopped():
            for limit in self._limits(int(first), int(last)):
                raise ValueError(limit)
        return ""

    def do_regs(self, msc, ris, partid):
        """Every configuration register of one selection: <name>=<hex> ..."""
        m = self._msc(msc)
        return " ".join(f"{n}={v:#x}" for n, v in
                        self._config(m, {"ris": int(ris)}, partid).items())

    def do_config(self, *partids):
        """A digest of all configuration registers of these PARTIDs, in every powered MSC."""
        digest = hashlib.sha256()
        with self.qmp.stopped():
            for m in self._mscs():
                for r in m["ris"] if m["powered"] else ():
                    for partid in partids:
                        digest.update(repr((m["name"], r["ris"], partid,
                                            self._config(m, r, partid))).encode())
        return digest.hexdigest()

    # What a monitor's control register says of what it has counted
    OFLOW_STATUS = 1 << 26 | 1 << 15

    def _armed(self, msc):
        """The monitors that run."""
        return [mon for mon in self.qmp.call("query-mpam-monitors", msc=msc["name"])
                if mon["ctl"] >> 31]

    def _all_config(self):
        """All configuration registers of each PARTID, and which counters count what, by RIS
        of the powered MSCs. Monitors of caches are set up when they are read."""
        with self.qmp.stopped():
            mscs = [m for m in self._mscs() if m["powered"]]
            config = {f"{m['name']}/{r['ris']} PARTID {partid}": regs
                      for m in mscs for r in m["ris"] for partid, regs in
                      self._configs(m, r, 0, r["partid-max"])[0].items()}
            config |= {f"{m['name']} counters": [
                (mon["ris"], mon["monitor"], mon["flt"], mon["ctl"] & ~self.OFLOW_STATUS)
                for mon in self._armed(m) if mon["type"] == "mbwu"] for m in mscs}
        return config

    def do_remember(self):
        """Remembers what all MSCs are configured to."""
        self.remembered = self._all_config()

    def _differs(self):
        """In what they are not configured to what was remembered, or None."""
        now = self._all_config()
        if not now or now.keys() != self.remembered.keys():
            return f"these came or went: {sorted(now.keys() ^ self.remembered.keys())}"
        for what, value in now.items():
            if value != self.remembered[what]:
                return f"{what} was {self.remembered[what]} and is {value}"
        return None

    def do_same(self):
        """Are they configured to what was remembered?"""
        wrong = self._differs()
        if wrong:
            raise ValueError(wrong)

    def do_whole(self, name):
        """Accesses that it takes to write all that an MSC is configured to, with one to
        select each PARTID; and how many monitors it has."""
        m = self._msc(name)
        with self.qmp.stopped():
            config = sum(1 + len(self._config(m, r, partid)) for r in m["ris"]
                         for partid in range(r["partid-max"] + 1))
        return f"{config} {sum(r['csu-monitors'] + r['mbwu-monitors'] for r in m['ris'])}"

    def do_raised(self, name):
        """How often an MSC has raised its error interrupt, and how many errors it has had."""
        m = self._msc(name)
        return f"{m['error-interrupt']['raised']} {sum(e['count'] for e in m['errors'])}"

    def do_accesses(self, name):
        """Reads and writes that an MSC has seen."""
        m = self._msc(name)
        return f"{m['reads']} {m['writes']}"

    # Monitors, and what they should say

    @staticmethod
    def _l3(mscs, cpu):
        return [(m, r) for m in mscs for r in m["ris"]
                if r["kind"] == "cache" and r["level"] == 3 and int(cpu) in r["cache-cpus"]]

    def _monitored(self, kind, cpu):
        """The RIS with monitors of a kind at the L3 of a CPU; or else at the memory behind
        it: platforms have an MSC of memory for each L3, in their order."""
        mscs = self._mscs()
        monitors = kind + "-monitors"
        found = [(m, r) for m, r in self._l3(mscs, cpu) if r[monitors]]
        if not found and kind == "mbwu":
            caches = sorted({tuple(r["cache-cpus"]) for m in mscs for r in m["ris"]
                             if r["kind"] == "cache" and r["level"] == 3})
            memory = [(m, r) for m in mscs for r in m["ris"]
                      if r["kind"] == "memory" and r[monitors]]
            found = [mr for cpus, mr in zip(caches, memory) if int(cpu) in cpus]
        if not found:
            raise LookupError(f"no {kind} at the L3 of CPU {cpu}")
        return found

    def do_monitors(self, kind, cpu):
        """How many RIS have monitors of a kind (csu, mbwu) at the L3 of a CPU, how many
        monitors, how wide counters are, how many bits they can scale by, and what counts
        as one without that."""
        found = self._monitored(kind, cpu)
        rows = [(r[kind + "-monitors"], r["mbwu-width"], r["mbwu-scale"], r["mbwu-unit"])
                for _, r in found]
        return f"{len(found)} " + " ".join(str(min(column)) for column in zip(*rows))

    def do_tells(self, cpu):
        """Can counters at the L3 of a CPU tell reads from writes, and do they interrupt when
        they overflow?"""
        found = self._monitored("mbwu", cpu)
        wired = [self.qmp.call("qom-get", path=m["path"], property="sysbus-irq[1]")
                 for m, _ in found]
        return f"{int(all(r['mbwu-rwbw'] for _, r in found))} {int(all(wired))}"

    def do_powered(self, cpu):
        """Have all MSCs with counters at the L3 of a CPU power?"""
        return str(int(all(m["powered"] for m, _ in self._monitored("mbwu", cpu))))

    def _label(self, kind, cpu, partid, pmg, *fields):
        """What a label did, summed over the RIS."""
        return sum(t[f] for m, r in self._monitored(kind, cpu)
                   for t in self.qmp.call("query-mpam-traffic", msc=m["name"])
                   if (t["ris"], t["partid"], t["pmg"]) == (r["ris"], int(partid), int(pmg))
                   for f in fields)

    def do_moved(self, cpu, partid, pmg):
        """Bytes that a label has moved at the L3 of a CPU, modulo 2**64."""
        return str(self._label("mbwu", cpu, partid, pmg, "read-bytes", "write-bytes") % 2**64)

    def do_labels(self, cpu):
        """Bytes that each label has moved at the L3 of a CPU: <partid>,<pmg>=<bytes> ..."""
        moved = collections.Counter()
        with self.qmp.stopped():
            for m, r in self._monitored("mbwu", cpu):
                for t in self.qmp.call("query-mpam-traffic", msc=m["name"]):
                    if t["ris"] == r["ris"]:
                        moved[t["partid"], t["pmg"]] += t["read-bytes"] + t["write-bytes"]
        return " ".join(f"{partid},{pmg}={n % 2**64}" for (partid, pmg), n in moved.items())

    def do_cached(self, cpu, partid, pmg):
        """Bytes that a label has in the L3 of a CPU."""
        return str(self._label("csu", cpu, partid, pmg, "occupancy"))

    def do_held(self, cpu, partid, pmg):
        """The same, whether or not the L3 has monitors."""
        return str(sum(t["occupancy"] for m, r in self._l3(self._mscs(), cpu) if r["cpbm-width"]
                       for t in self.qmp.call("query-mpam-traffic", msc=m["name"])
                       if (t["ris"], t["partid"], t["pmg"]) == (r["ris"], int(partid), int(pmg))))

    def do_move(self, cpu, partid, pmg, read, write):
        """Moves bytes of a label, the same at each RIS of the L3 of a CPU."""
        for m, r in self._monitored("mbwu", cpu):
            self.qmp.call("mpam-traffic", msc=m["name"], ris=r["ris"], partid=int(partid),
                          pmg=int(pmg), **{"read-bytes": int(read), "write-bytes": int(write)})

    def do_fill(self, cpu, partid, pmg, size):
        """Gives a label so many bytes in each RIS of the L3 of a CPU."""
        for m, r in self._l3(self._mscs(), cpu):
            self.qmp.call("mpam-occupancy", msc=m["name"], ris=r["ris"], partid=int(partid),
                          pmg=int(pmg), bytes=int(size), **{"dirty-bytes": 0})

    def do_stuck(self, kind, cpu, stuck):
        """Monitors of a kind at the L3 of a CPU are never ready (1), or again as usual (0)."""
        for m, r in self._monitored(kind, cpu):
            self.qmp.call("mpam-inject-nrdy", msc=m["name"], ris=r["ris"], type=kind,
                          stuck=stuck == "1")

    def do_tear(self, cpu, size, times):
        """All long counters at the L3 of a CPU count so much between reads of their halves."""
        for m, r in self._monitored("mbwu", cpu):
            for i in range(r["mbwu-monitors"]):
                self.qmp.call("mpam-inject-tear", msc=m["name"], ris=r["ris"], monitor=i,
                              bytes=int(size), times=int(times))

    def do_carry(self, cpu, partid, pmg, units):
        """Long counters of a label at the L3 of a CPU are so many units short of a carry into
        their upper half."""
        for m, r in self._monitored("mbwu", cpu):
            for mon in self._counters(m, r, partid, pmg):
                value = mon["long-value"] & (1 << r["mbwu-width"]) - 1
                value = ((value + int(units)) | 0xffffffff) + 1 - int(units)
                self._set_counter(m, r, mon, value & (1 << r["mbwu-width"]) - 1)

    def _looked_at(self, kind, cpu):
        try:
            return self._monitored(kind, cpu)
        except LookupError:
            return []

    def _counters(self, msc, ris, partid, pmg):
        """The bandwidth monitors of a RIS that have a label in their filter."""
        return [mon for mon in self.qmp.call("query-mpam-monitors", msc=msc["name"])
                if (mon["ris"], mon["type"], mon["flt"] & 0xffff, mon["flt"] >> 16 & 0xff) ==
                (ris["ris"], "mbwu", int(partid), int(pmg))]

    def _set_counter(self, msc, ris, mon, value):
        self.qmp.call("mpam-set-counter", msc=msc["name"], ris=ris["ris"], type="mbwu",
                      monitor=mon["monitor"], value=value, **{"is-long": ris["mbwu-width"] > 31})

    def do_counters(self):
        """A digest of what the counters of all powered MSCs are set up for."""
        digest = hashlib.sha256()
        with self.qmp.stopped():
            for m in self._mscs():
                if m["powered"]:
                    mons = self.qmp.call("query-mpam-monitors", msc=m["name"])
                    digest.update(repr([(m["name"], mon["ris"], mon["monitor"], mon["ctl"],
                                         mon["flt"]) for mon in mons
                                        if mon["type"] == "mbwu"]).encode())
        return digest.hexdigest()

    def do_counting(self, cpu, partid, pmg):
        """How many counters at the L3 of a CPU are enabled for a label."""
        return str(sum(mon["ctl"] >> 31 & 1 for m, r in self._monitored("mbwu", cpu)
                       for mon in self._counters(m, r, partid, pmg)))

    def do_running(self, cpu):
        """How many monitors run, of whatever kind, in the MSCs that a CPU reaches."""
        return str(sum(mon["ctl"] >> 31 & 1 for m in self._mscs()
                       if m["powered"] and int(cpu) in m["cpus"]
                       for mon in self.qmp.call("query-mpam-monitors", msc=m["name"])))

    def do_setback(self, cpu, partid, pmg):
        """The counters of a label at the L3 of a CPU are zero: how many there are."""
        n = 0
        for m, r in self._monitored("mbwu", cpu):
            for mon in self._counters(m, r, partid, pmg):
                self._set_counter(m, r, mon, 0)
                n += 1
        return str(n)

    def do_looked(self, cpu, register=None):
        """Accesses to registers of monitors, or to one of them, by the MSCs of the L3 of a
        CPU."""
        first, last = (int(register, 0),) * 2 if register else (0x800, 0xfff)
        names = {m["name"] for kind in ("csu", "mbwu") for m, _ in self._looked_at(kind, cpu)}
        return str(sum(a["reads"] + a["writes"] for m in self._mscs() if m["name"] in names
                       for a in m["accesses"] if first <= a["offset"] <= last))

    def do_model(self, on):
        """CPUs use caches and memory (1), or don't (0): how often what they do was looked
        at so far."""
        with self.qmp.stopped():
            self.qmp.call("qom-set", path="/machine/mpam-traffic", property="enabled",
                          value=on == "1")
            return str(self.qmp.call("qom-get", path="/machine/mpam-traffic",
                                     property="samples"))

    def do_rate(self, cpu, partid, pmg):
        """Bytes that a label has moved at the L3 of a CPU, and how often the model has looked."""
        with self.qmp.stopped():
            return f"{self.do_moved(cpu, partid, pmg)} {self.do_model('1')}"

    def do_demand(self, cpu, rate):
        """What a CPU would read if nothing limited it, in MiB/s; it writes nothing."""
        for prop, value in (("read-rate", rate), ("write-rate", 0)):
            self.qmp.call("qom-set", path=f"/machine/mpam-traffic/cpu{int(cpu)}", property=prop,
                          value=int(value))

    def do_totals(self):
        """Reads and writes that all MSCs have seen."""
        mscs = self._mscs()
        return f"{sum(m['reads'] for m in mscs)} {sum(m['writes'] for m in mscs)}"

    def do_accessed(self):
        """Accesses to registers other than those of monitors: <msc>=<number> ..."""
        return " ".join(f"{m['name']}=" + str(sum(a["reads"] + a["writes"] for a in m["accesses"]
                                                  if not 0x800 <= a["offset"] < 0x1000))
                        for m in self._mscs())

    def do_cycles(self, name):
        """How often an MSC was powered up, and whether it is powered now."""
        m = self._msc(name)
        return f"{m['power-cycles']} {int(m['powered'])}"

    @staticmethod
    def _value(text):
        """What a word is to QEMU: a flag, a number, or just a word."""
        if text in ("true", "false"):
            return text == "true"
        return int(text, 0) if text[0].isdigit() else text

    def do_set(self, msc, prop, value):
        """Injects a fault: writes a property of an MSC."""
        self.qmp.call("qom-set", path=self._msc(msc)["path"], property=prop,
                      value=self._value(value))

    def do_inject(self, command, msc, *settings):
        """Injects a fault: mpam-<command> of QMP, with <key>=<value> ... as its arguments."""
        args = dict(s.split("=") for s in settings)
        self.qmp.call(f"mpam-{command}", msc=msc,
                      **{k: self._value(v) for k, v in args.items()})

    def do_burst(self, times, *injection):
        """Injects the same fault so many times, before the guest can do anything."""
        with self.qmp.stopped():
            for _ in range(int(times)):
                self.do_inject(*injection)

    def do_cancel(self, msc):
        """Takes back the faults of an MSC that wait for accesses: how many there were."""
        return str(self.qmp.call("mpam-cancel-faults", msc=msc)["count"])

    def do_ecr(self, name):
        """May an MSC interrupt for errors?"""
        return str(self._msc(name)["ecr"] & 1)

    def do_listening(self):
        """May each MSC that has power interrupt for errors?"""
        for m in self._mscs():
            if m["powered"] and not m["ecr"] & 1:
                raise ValueError(f"{m['name']} may not interrupt")

    def do_silent(self):
        """Is there no MSC that may interrupt for errors?"""
        for m in self._mscs():
            if m["powered"] and m["ecr"] & 1:
                raise ValueError(f"{m['name']} may interrupt")

    def _used(self, resource):
        """The MSCs that a resource of resctrl makes use of, by its directory in info."""
        if resource == "MB":
            return [m for m, _ in self._mbw()]
        level = re.match(r"L([23])(CODE|DATA|_MON)?$", resource)
        if not level:
            return []
        return [m for m in self._mscs() for r in m["ris"]
                if r["kind"] == "cache" and r["level"] == int(level[1])]

    def do_partids(self, *resources):
        """Smallest PARTID_MAX and PMG_MAX over all powered CPUs that have MPAM, and the MSCs
        that these resources make use of: what others do with labels is nobody's business."""
        ris = [r for resource in resources for m in self._used(resource) for r in m["ris"]]
        partids = [r["partid-max"] for r in ris]
        pmgs = [r["pmg-max"] for r in ris]
        for c in self.qmp.call("query-mpam-cpus"):
            if c["powered"] and c["implemented"]:
                partids.append(c["mpamidr"] & 0xffff)
                pmgs.append(c["mpamidr"] >> 32 & 0xff)
        return f"{min(partids)} {min(pmgs)}"

    def _ignored(self, msc):
        """Settings that an MSC doesn't act on, as its erratum wasn't worked around."""
        if not msc["shadowed"] or not msc["powered"]:
            return []
        return [f"{msc['name']}: PARTID {partid}: {v['name']} is {v['value']:#x}, but acts as {v['effective']:#x}"
                for r in msc["ris"] for partid in range(r["partid-max"] + 1)
                for v in self.qmp.call("query-mpam-config", msc=msc["name"], ris=r["ris"], partid=partid)
                if v["value"] != v["effective"]]

    def violations(self):
        """Accesses that hardware would not have liked, and errors it recorded."""
        bad = []
        for m in self._mscs():
            bad += [f"{m['name']}: {v['kind']} violation by CPU {v['cpu']}, "
                    f"{'write' if v['write'] else 'read'} at {v['offset']:#x}, {v['count']} times"
                    for v in m["violations"]]
            bad += self._ignored(m)
            if m["powered"] and m["esr"]:
                bad.append(f"{m['name']}: ESR is {m['esr']:#x}")
        return bad

    def left_behind(self):
        """What the kernel has left behind, that another one would find."""
        bad = [f"CPU {c['cpu-index']} has a label: {name} is {c[reg]:#x}"
               for c in self.qmp.call("query-mpam-cpus") if c["powered"]
               for name, reg in self._label_registers(c) if any(self._fields(c[reg]))]
        bad += [f"{m['name']} may interrupt" for m in self._mscs() if m["powered"] and m["ecr"] & 1]
        bad += [f"{m['name']} has {mon['type']} monitor {mon['monitor']} running"
                for m in self._mscs() if m["powered"] and m["name"] not in self.hidden
                for mon in self._armed(m)]
        bad += [f"a limit is left: {limit}"
                for limit in self._limits(0, self.partids - 1, internal=True)]
        return bad

    def do_at_reset(self):
        """Is nothing left of a kernel that has had MPAM on?"""
        with self.qmp.stopped():
            for what in self.left_behind():
                raise ValueError(what)

    def do_violations(self):
        """Number of violations and of MSCs with an error recorded."""
        return str(len(self.violations()))

    # What the CPUs hold

    def do_label(self, cpu):
        """One CPU right now: key=value ..."""
        c = self._cpu(cpu)
        return (f"powered={int(c['powered'])} el={c['el']} enabled={int(c['enabled'])} "
                f"pid={c['contextidr']} mpam0={c['mpam0-el1']:#x} mpam1={c['mpam1-el1']:#x} "
                f"data={c['data-partid']},{c['data-pmg']} insn={c['insn-partid']},{c['insn-pmg']}")

    def do_writes(self, cpu):
        """Writes that a CPU did to MPAM0_EL1, MPAM1_EL1, MPAMSM_EL1."""
        c = self._cpu(cpu)
        return f"{c['writes-mpam0']} {c['writes-mpam1']} {c['writes-mpamsm']}"

    def do_expect(self, pid, partid, pmg, partid_insn=None):
        """From now on this task carries this label; its instruction fetches may have a
        PARTID of their own."""
        self.expected[int(pid)] = (int(partid), int(partid_insn or partid), int(pmg))

    def do_forget(self):
        """No task is expected to carry any label."""
        self.expected.clear()

    @staticmethod
    def _is_hypervisor(c):
        """What runs above the kernel has no task's label. A kernel at EL2 has the upper half
        of the addresses, which there is for EL2 only if it is that of a kernel."""
        return c["el"] > 2 or c["el"] == 2 and not c["pc"] >> 63

    @staticmethod
    def _fields(reg):
        """PARTID_D, PARTID_I, PMG_D and PMG_I of a label register"""
        return reg >> 16 & 0xffff, reg & 0xffff, reg >> 40 & 0xff, reg >> 32 & 0xff

    @staticmethod
    def _label_registers(c):
        """The registers that CPUs have labels in. That of EL1 is a guest's if the kernel
        is at EL2; not all CPUs have that of streaming mode."""
        at_el2 = c["el"] == 2 and c["pc"] >> 63
        return ([("MPAM0_EL1", "mpam0-el1"), ("MPAM2_EL2", "mpam2-el2")] +
                [("MPAM1_EL1", "mpam1-el1")] * (not at_el2) +
                [("MPAMSM_EL1", "mpamsm-el1")] * bool(c["writes-mpamsm"]))

    def _mismatch(self, c):
        want = self.expected[c["contextidr"]]
        # Whatever the CPU does now, it may be in user mode or in streaming mode next
        labels = {"now": (c["data-partid"], c["insn-partid"], c["data-pmg"], c["insn-pmg"]),
                  "MPAM0_EL1": self._fields(c["mpam0-el1"])}
        if c["writes-mpamsm"]:
            data, _, pmg, _ = self._fields(c["mpamsm-el1"])
            labels["MPAMSM_EL1"] = data, want[1], pmg, want[2]
        wrong = {name: got for name, got in labels.items() if got != (*want, want[2])}
        if not wrong:
            return None
        where = f"EL{c['el']}"
        if c["el"] >= 1:
            name = self.symbols.name(c["pc"]) if self.symbols else "?"
            if self.SWITCHING.match(name):
                return None
            where += f" in {name}"
        return (f"CPU {c['cpu-index']} pid {c['contextidr']} {where} carries {wrong}, not {want}; "
                f"mpam0={c['mpam0-el1']:#x} mpam1={c['mpam1-el1']:#x} "
                f"mpam2={c['mpam2-el2']:#x} mpamsm={c['mpamsm-el1']:#x}")

    def do_sample(self, rounds):
        """Stops the guest at random moments; every CPU that runs an expected task must
        carry its label. Answers how often each was seen: <pid>:<in user>/<in kernel> ..."""
        seen = {pid: [0, 0] for pid in self.expected}
        for _ in range(int(rounds)):
            time.sleep(random.uniform(0.0005, 0.008))
            with self.qmp.stopped():
                cpus = self.qmp.call("query-mpam-cpus")
            for c in cpus:
                pid = c["contextidr"]
                if not c["powered"] or pid not in self.expected or self._is_hypervisor(c):
                    continue
                seen[pid][min(c["el"], 1)] += 1
                wrong = self._mismatch(c)
                if wrong:
                    raise ValueError(wrong)
        return " ".join(f"{pid}:{u}/{k}" for pid, (u, k) in seen.items())

    # What happens while the guest goes on

    def do_chatter(self, switch):
        """Types at the console, as fast as the guest takes it, until switched off."""
        if switch == "off":
            self.chattering.clear()
        elif not self.chattering.is_set():
            self.chattering.set()
            threading.Thread(target=self._chatter, daemon=True).start()

    def _chatter(self):
        try:
            while self.chattering.is_set():
                self.console.sendall(b"chatter ")
        except OSError:
            pass                    # the guest is gone

    def do_watch(self, cpu, level, partid, mask):
        """From now on, whenever this CPU is seen in user mode the MSCs of its cache must
        hold this mask (hex) for this PARTID."""
        self.watches.append((int(cpu), level, partid, int(mask, 16)))

    def do_watch_same(self, cpu):
        """From now on, whenever this CPU is seen in user mode all MSCs must hold what was
        remembered."""
        self.watched = int(cpu)

    def do_watching(self):
        """How many samples were in user mode so far."""
        return str(self.watch_seen)

    def do_watched(self):
        """Ends all watches: how many samples were in user mode, or what was wrong."""
        self.watches.clear()
        self.watched = None
        seen, wrong = self.watch_seen, self.watch_wrong
        self.watch_seen, self.watch_wrong = 0, None
        if wrong:
            raise ValueError(wrong)
        return str(seen)

    def do_dead(self, cpu, partid):
        """From now on this CPU must not carry this PARTID."""
        self.dead[int(cpu)] = int(partid)

    def do_alive(self):
        """Ends that: what was wrong."""
        self.dead.clear()
        wrong, self.dead_seen = self.dead_seen, []
        if wrong:
            raise ValueError(wrong[0])

    def do_forget_asleep(self):
        """As soon as no MSC may interrupt any more, all MSCs lose what they hold, once: the
        kernel has them silent while it sleeps."""
        self.do_listening()
        self.forgetting, self.forgot = True, []

    def do_forgotten(self):
        """How many MSCs have lost what they held, and how many there are with power."""
        self.forgetting = False
        return f"{len(self.forgot)} {sum(m['powered'] for m in self._mscs())}"

    def _check_asleep(self):
        with self.qmp.stopped():
            mscs = [m for m in self._mscs() if m["powered"]]
            if any(m["ecr"] & 1 for m in mscs):
                return
            for m in mscs:
                self.do_inject("inject-power", m["name"], "power=blip")
                self.forgot.append(m["name"])
            self.forgetting = False

    def watching(self):
        return bool(self.watches or self.watched is not None or self.dead or self.forgetting)

    def _check_dead(self, cpus):
        for cpu, partid in self.dead.items():
            c = cpus[cpu]
            # Before the kernel gets to it, the two are whatever they are
            if c["powered"] and c["data-partid"] == c["insn-partid"] == partid:
                name = self.symbols.name(c["pc"]) if self.symbols else "?"
                self.dead_seen.append(f"CPU {cpu} carries PARTID {partid} in {name}")

    def tick(self):
        """Called every few milliseconds while something is watched."""
        if self.forgetting:
            self._check_asleep()
        if not self.watches and self.watched is None and not self.dead:
            return
        with self.qmp.stopped():
            cpus = {c["cpu-index"]: c for c in self.qmp.call("query-mpam-cpus")}
            self._check_dead(cpus)
            watched = {cpu for cpu, *_ in self.watches} | {self.watched} - {None}
            if not any(cpus[cpu]["powered"] and cpus[cpu]["el"] == 0 for cpu in watched):
                return
            self.watch_seen += 1
            if self.watched is not None:
                wrong = self._differs()
                if wrong:
                    self.watch_wrong = f"{wrong}, while CPU {self.watched} runs user code"
            for m in self._mscs():
                for r in m["ris"]:
                    for cpu, level, partid, mask in self.watches:
                        if not self._is_cache(r, level) or cpu not in r["cache-cpus"]:
                            continue
                        value = self._cpbm(m, r, partid)
                        if value != mask:
                            self.watch_wrong = (f"{m['name']} PARTID {partid} is {value:#x}, not "
                                                f"{mask:#x}, while CPU {cpu} runs user code")
