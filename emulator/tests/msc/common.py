# SPDX-License-Identifier: GPL-2.0-only
"""What the tests of the MSCs share: registers, fields, and ways to ask."""
import os
import subprocess

from qtest import Tap

IDR, IIDR, AIDR, CPOR_IDR, CCAP_IDR, MBW_IDR, PRI_IDR = 0, 0x18, 0x20, 0x30, 0x38, 0x40, 0x48
MSMON_IDR, CSUMON_IDR, MBWUMON_IDR = 0x80, 0x88, 0x90
ECR, ESR, PART_SEL, CMAX, CMIN, CASSOC = 0xf0, 0xf8, 0x100, 0x108, 0x110, 0x118
MBW_MIN, MBW_MAX, WINWD, PRI, PROP, CPBM, PBM = 0x200, 0x208, 0x220, 0x400, 0x500, 0x1000, 0x2000
IMPL_IDR, NRW_IDR, EN, DIS, EN_FLAGS, INTPARTID = 0x28, 0x50, 0x300, 0x310, 0x320, 0x600
ERR_MSI, OFLOW_MSI, OFLOW_SR = 0xdc, 0x8dc, 0x8f0
MSI_ADDR_L, MSI_ADDR_H, MSI_DATA, MSI_ATTR = 4, 8, 12, 16       # from ERR_MSI or OFLOW_MSI
MON_SEL, CAPT_EVNT, CSU_FLT, CSU_CTL, MBWU_FLT, MBWU_CTL = 0x800, 0x808, 0x810, 0x818, 0x820, 0x828
CSU, CSU_CAPTURE, CSU_OFSR, MBWU, MBWU_CAPTURE = 0x840, 0x848, 0x858, 0x860, 0x868
MBWU_L, MBWU_L_CAPTURE, MBWU_OFSR = 0x880, 0x890, 0x898

HAS_CCAP, HAS_CPOR, HAS_MBW, HAS_PRI, EXT = 1 << 24, 1 << 25, 1 << 26, 1 << 27, 1 << 28
HAS_MSMON, NRW, ENDIS, NFU = 1 << 30, 1 << 31, 1 << 42, 1 << 43
HAS_RIS, EXTD_ESR, HAS_ESR = 1 << 32, 1 << 38, 1 << 39
OVRWR = 1 << 31
PARTID_RANGE, REQ_PARTID, FILTER_RANGE, REQ_PMG, MONITOR_RANGE = 1, 2, 3, 4, 5
INTPARTID_RANGE, UNEXPECTED_INTERNAL, UNDEFINED_RIS, NO_CONTROL, UNDEFINED_MON_RIS, NO_MONITOR = range(6, 12)

# Fields of monitors' registers
LNKG, OFLOW_CAPT_L, OFLOW_INTR_L, OFLOW_STATUS_L = 1 << 8, 1 << 13, 1 << 14, 1 << 15
MATCH_PARTID, MATCH_PMG, CEVNT_OFLW, SCLEN = 1 << 16, 1 << 17, 1 << 18, 1 << 19
OFLOW_CAPT, OFLOW_FRZ, OFLOW_INTR, OFLOW_STATUS = 1 << 23, 1 << 24, 1 << 25, 1 << 26
CAPT_RESET, CAPT_ON, EN_MON, NRDY, NRDY_L = 1 << 27, 1 << 28, 1 << 31, 1 << 31, 1 << 63
CSU_TYPE, MBWU_TYPE = 0x43, 0x42

tap = Tap()


def error(code, partid, ris=0, pmg=0):
    return code << 24 | pmg << 16 | partid | ris << 32


def select(m, base, partid, ris=0):
    m.write(base + PART_SEL, ris << 24 | partid)


def take_error(m, base):
    """ESR, cleared as software should: the high word first."""
    value = m.read(base + ESR) | m.read(base + ESR + 4) << 32
    m.write(base + ESR + 4, 0)
    m.write(base + ESR, 0)
    return value


def msc(m, name):
    return next(i for i in m.query("query-mpam-mscs") if i["name"] == name)


def config(m, name, ris, partid):
    return {v["name"]: v["value"] for v in m.query("query-mpam-config", msc=name, ris=ris, partid=partid)}


def platform(name, firmware="dt"):
    return subprocess.run([os.environ["MACHINE"], name, firmware], check=True,
                          stdout=subprocess.PIPE, text=True).stdout.split()


def everything(*more):
    return [*more, "-M", f"virt,gic-version=3,acpi=off,mpam-platform={os.environ['EVERYTHING']}",
            "-cpu", "max", "-smp", "4", "-m", "256"]
