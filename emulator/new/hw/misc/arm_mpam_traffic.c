/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Arm MPAM traffic: what CPUs and devices do to the MSCs on their way to
 * memory.
 *
 * Every interval of virtual time each requester is looked at once. What it
 * does then it is taken to have done all the interval long: so many bytes
 * read and written, under one label. These go through the stages of its paths:
 * a cache answers some of them and passes the rest on, which may be less than
 * was asked for if the next stage or a limit has no room. Addresses are
 * interleaved by line over the MSCs of a stage, and whoever gets less from one
 * of these has to wait for it with all others, too.
 *
 * All of this is integer arithmetic on what the MSCs' registers hold, and a
 * function of virtual time and the requesters' states only: with -icount, two
 * runs are the same. Each division rounds down to whole lines, so that the
 * result of one interval is short by at most one line per requester, path,
 * stage and MSC.
 *
 * Which requests get bandwidth: those below the minimum of their PARTID
 * first, then those up to its maximum, then, without hard limit, those above,
 * and with them all of disabled PARTIDs. Among these, those of the highest
 * internal priority (or, at an MSC that has none, of the downstream priority
 * that the last MSC with one gave them); among these, PARTIDs in proportion to
 * 1 / (STRIDEM1 + 1), each no more than it asks for. The measuring window is
 * the interval. Bandwidth portions are MSCs of their own in this.
 *
 * Which lines a cache gives up: free ones first, then those of disabled
 * PARTIDs, of PARTIDs above CMAX, of those above CMIN, of the others; within
 * one kind at random, that is, in proportion to what each label has there. A
 * PARTID at its hard limit replaces its own lines, at a soft one also free
 * and disabled PARTIDs' lines. Portions are caches of their own in this.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/host-utils.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "qapi/error.h"
#include "hw/misc/arm_mpam_traffic.h"
#include "system/reset.h"

#define LINE            64
#define MIB_SHIFT       20
#define KIB_SHIFT       10

/* Fractions, such as of demand that is met */
#define ONE_SHIFT       16
#define ONE             (1u << ONE_SHIFT)

/*
 * The steps of an interval in which a cache fills. In none of them more than
 * one part of a portion is new; if all is new many times, once is enough.
 */
#define MAX_STEPS       8
#define STEP_PARTS      8

/* Registers that limit traffic */
#define CMAX            0x0108
#define CMIN            0x0110
#define CASSOC          0x0118
#define MBW_MIN         0x0200
#define MBW_MAX         0x0208
#define PRI             0x0400
#define MBW_PROP        0x0500
#define CPBM            0x1000
#define MBW_PBM         0x2000
#define SOFTLIM         BIT(31)
#define HARDLIM         BIT(31)
#define PROP_EN         BIT(31)

/* The priority of a request that no MSC has given one */
#define PRIORITY_MIDDLE 0x8000

/**
 * struct Partition: what all labels with the same limits have there
 * @id: which of them
 * @bytes: bytes in all portions
 */
typedef struct Partition {
    uint16_t id;
    uint64_t bytes;
} Partition;

/**
 * struct Holding: what one label has in one MSC's share of a cache
 * @partid: label as on the bus
 * @pmg: label as on the bus
 * @part: whose limits it has
 * @portion: bytes in each portion
 * @bytes: bytes in all portions
 * @dirty: those of them that are dirty
 * @in: bytes to be allocated in this interval
 * @in_dirty: those of them that are written
 * @mask: portions that it may allocate in, @nportions: how many these are
 * @enabled: whether it may at all
 * @max: bytes that its partition may have
 * @soft: it may have more if no one else wants them
 * @min: bytes that its partition ought to have
 */
typedef struct Holding {
    uint16_t partid;
    uint8_t pmg;
    Partition *part;
    uint64_t *portion;
    uint64_t bytes;
    uint64_t dirty;
    uint64_t in;
    uint64_t in_dirty;

    /* Looked up in the MSC's registers once per interval */
    unsigned long *mask;
    unsigned nportions;
    bool enabled;
    bool soft;
    uint64_t max;
    uint64_t min;

    /* Scratch of evict() */
    uint64_t victim;
} Holding;

/**
 * struct Slice: the part of a stage that one MSC has
 * @msc: the MSC
 * @ris: its resource instances for this stage
 * @nportions: cache portions, 1 if it has no portions
 * @holdings: Holding of each label that ever was there
 * @partitions: Partition of all of these
 */
typedef struct Slice {
    ArmMpamMsc *msc;
    GArray *ris;
    unsigned nportions;
    GPtrArray *holdings;
    GPtrArray *partitions;
} Slice;

struct ArmMpamStage {
    unsigned rank;
    uint64_t size;
    uint32_t rate;
    GPtrArray *slices;
};

typedef struct Path {
    GPtrArray *stages;
    unsigned percent;
} Path;

struct ArmMpamRequester {
    Object parent_obj;

    ArmMpamTraffic *traffic;
    ArmMpamSample *sample;
    void *opaque;
    GPtrArray *paths;

    /* Properties */
    bool enabled;
    uint16_t partid;
    uint8_t pmg;
    uint32_t read_rate;
    uint32_t write_rate;
    uint32_t footprint;

    /* Rates times time that made no whole line yet */
    uint64_t read_rest;
    uint64_t write_rest;
    /* How much of its demand is met in this interval, of ONE */
    uint32_t met;
};

struct ArmMpamTraffic {
    Object parent_obj;

    bool enabled;
    bool started;
    uint32_t interval_us;
    GPtrArray *stages;
    GPtrArray *requesters;
    QEMUTimer *timer;
    int64_t next;
    uint64_t samples;
};

/**
 * struct Flow: the requests of a requester along one path in one interval
 * @requester: whose they are
 * @path: where they go
 * @partid: label as on the bus
 * @pmg: label as on the bus
 * @read, @write: bytes asked for
 * @at: the next stage of the path
 * @missed: how much of it no cache has answered so far, of ONE
 * @met: how much of it is met as far as is known, of ONE
 * @priority: what it is given downstream, 0 to 0xffff
 */
typedef struct Flow {
    ArmMpamRequester *requester;
    const Path *path;
    uint16_t partid;
    uint8_t pmg;
    uint64_t read;
    uint64_t write;
    unsigned at;
    uint32_t missed;
    uint32_t met;
    uint16_t priority;
} Flow;

/**
 * struct Claim: what PARTIDs with the same settings want of one MSC's bandwidth
 * @settings: whose limits it has
 * @partid: a PARTID on the bus that has them
 * @demand, @granted: bytes
 */
typedef struct Claim {
    uint16_t settings;
    uint16_t partid;
    uint64_t demand;
    uint64_t granted;

    uint64_t min;
    uint64_t max;
    bool hard;
    uint32_t weight;
    uint16_t priority;
    unsigned nportions;
} Claim;

static uint64_t mul_div(uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t low, high;

    mulu64(&low, &high, a, b);
    divu128(&low, &high, c);
    return low;
}

static uint64_t scale(uint64_t bytes, uint32_t fraction)
{
    return mul_div(bytes, fraction, ONE);
}

static uint64_t whole_lines(uint64_t bytes)
{
    return bytes & ~(uint64_t)(LINE - 1);
}

/* What slice @i of @n gets of bytes that are interleaved by line */
static uint64_t interleaved(uint64_t bytes, unsigned i, unsigned n)
{
    uint64_t lines = bytes / LINE;

    return (lines * (i + 1) / n - lines * i / n) * LINE;
}

/* Registers */

static const uint32_t *ris_params(const Slice *slice, unsigned i)
{
    return slice->msc->ris[g_array_index(slice->ris, unsigned, i)].param;
}

/*
 * Walks the resource instances of a slice that have a register. More than one
 * may have it; all of them then apply.
 */
static bool next_control(const Slice *slice, hwaddr offset, uint16_t partid,
                         unsigned *i, uint32_t *value)
{
    for (; *i < slice->ris->len; (*i)++) {
        unsigned ris = g_array_index(slice->ris, unsigned, *i);

        if (arm_mpam_msc_has_control(slice->msc, ris, offset)) {
            *value = arm_mpam_msc_control(slice->msc, ris, partid, offset);
            return true;
        }
    }
    return false;
}

#define FOR_EACH_CONTROL(slice, offset, partid, i, value) \
    for (i = 0; next_control(slice, offset, partid, &i, &value); i++)

/* A maximum stands for the top of the interval that its value is */
static uint64_t maximum(uint64_t total, uint32_t value, unsigned width)
{
    return mul_div(total, (value & 0xffff) + (1 << (16 - width)), ONE);
}

static uint64_t minimum(uint64_t total, uint32_t value)
{
    return mul_div(total, value & 0xffff, ONE);
}

/* From 0, the lowest, to 0xffff */
static uint16_t priority(uint32_t field, unsigned width, bool zero_is_low)
{
    uint32_t top = (1u << width) - 1;

    field &= top;
    return (zero_is_low ? field : top - field) * 0xffffu / top;
}

/* Counts the portions of a bitmap and, if @mask isn't NULL, keeps their AND */
static unsigned portions(const Slice *slice, uint16_t partid, unsigned i,
                         hwaddr offset, unsigned width, unsigned long *mask)
{
    unsigned ris = g_array_index(slice->ris, unsigned, i), count = 0;
    uint32_t word = 0;

    for (unsigned p = 0; p < width; p++) {
        if (p % 32 == 0) {
            word = arm_mpam_msc_control(slice->msc, ris, partid,
                                        offset + p / 32 * 4);
        }
        if (extract32(word, p % 32, 1)) {
            count++;
        } else if (mask) {
            clear_bit(p, mask);
        }
    }
    return count;
}

/* Bandwidth */

static void look_up_claim(const Slice *slice, Claim *c, uint64_t budget)
{
    uint32_t value;
    unsigned i;

    c->min = 0;
    c->max = budget;
    c->weight = ONE;
    FOR_EACH_CONTROL(slice, MBW_MIN, c->partid, i, value) {
        c->min = MAX(c->min, minimum(budget, value));
    }
    FOR_EACH_CONTROL(slice, MBW_MAX, c->partid, i, value) {
        c->max = MIN(c->max, maximum(budget, value,
                                     ris_params(slice, i)[ARM_MPAM_BWA_WD]));
        c->hard |= !!(value & HARDLIM);
    }
    FOR_EACH_CONTROL(slice, MBW_PROP, c->partid, i, value) {
        if (value & PROP_EN) {
            c->weight = MAX(ONE / ((value & 0xffff) + 1), 1);
        }
    }
    FOR_EACH_CONTROL(slice, PRI, c->partid, i, value) {
        const uint32_t *param = ris_params(slice, i);

        if (param[ARM_MPAM_INTPRI_WD]) {
            c->priority = priority(value, param[ARM_MPAM_INTPRI_WD],
                                   param[ARM_MPAM_INTPRI_0_IS_LOW]);
        }
    }
    if (!arm_mpam_msc_partid_enabled(slice->msc, c->partid)) {
        c->min = 0;
        c->max = 0;
        c->hard = false;
    }
}

/* How much of a claim is between two limits, and not granted yet */
static uint64_t band(const Claim *c, int which)
{
    uint64_t top = which == 0 ? c->min : which == 1 ? MAX(c->min, c->max) :
                   UINT64_MAX;

    if (c->hard) {
        top = MIN(top, c->max);
    }
    top = MIN(top, c->demand);
    return top > c->granted ? top - c->granted : 0;
}

/*
 * Gives claims of one priority what they want in this band, each in
 * proportion to its weight, and what one can't use to the others.
 */
static uint64_t share_out(GArray *claims, int which, uint16_t prio,
                          uint64_t budget)
{
    uint64_t given = 1;

    while (budget && given) {
        uint64_t weights = 0, left = budget;

        given = 0;
        for (unsigned i = 0; i < claims->len; i++) {
            Claim *c = &g_array_index(claims, Claim, i);

            if (c->priority == prio && band(c, which)) {
                weights += c->weight;
            }
        }
        for (unsigned i = 0; i < claims->len; i++) {
            Claim *c = &g_array_index(claims, Claim, i);
            uint64_t want = band(c, which), get;

            if (c->priority != prio || !want) {
                continue;
            }
            get = MIN(want, mul_div(budget, c->weight, weights));
            c->granted += get;
            left -= get;
            given += get;
        }
        budget = left;
    }
    return budget;
}

static gint by_priority(gconstpointer a, gconstpointer b)
{
    const Claim *x = a, *y = b;

    return x->priority != y->priority ? (x->priority < y->priority ? 1 : -1) :
           x->settings < y->settings ? -1 : x->settings > y->settings;
}

static void arbitrate(GArray *claims, uint64_t budget)
{
    g_array_sort(claims, by_priority);
    for (int which = 0; which < 3; which++) {
        for (unsigned i = 0; i < claims->len; i++) {
            uint16_t prio = g_array_index(claims, Claim, i).priority;

            if (i == 0 ||
                g_array_index(claims, Claim, i - 1).priority != prio) {
                budget = share_out(claims, which, prio, budget);
            }
        }
    }
}

/* The index of the RIS that has bandwidth portions, -1 if none has */
static int find_pbm(const Slice *slice)
{
    for (unsigned i = 0; i < slice->ris->len; i++) {
        if (ris_params(slice, i)[ARM_MPAM_MBW_PBM_WD]) {
            return i;
        }
    }
    return -1;
}

static bool has_portion(const Slice *slice, unsigned i, uint16_t partid,
                        unsigned p)
{
    unsigned ris = g_array_index(slice->ris, unsigned, i);

    return extract32(arm_mpam_msc_control(slice->msc, ris, partid,
                                          MBW_PBM + p / 32 * 4), p % 32, 1);
}

/* Each portion has its share of the bandwidth, and of what claims may use it */
static void arbitrate_portions(const Slice *slice, unsigned ris,
                               GArray *claims, uint64_t budget)
{
    unsigned width = ris_params(slice, ris)[ARM_MPAM_MBW_PBM_WD];
    g_autoptr(GArray) here = g_array_new(false, false, sizeof(Claim));

    for (unsigned i = 0; i < claims->len; i++) {
        Claim *c = &g_array_index(claims, Claim, i);

        c->nportions = portions(slice, c->partid, ris, MBW_PBM, width, NULL);
    }
    for (unsigned p = 0; p < width; p++) {
        g_array_set_size(here, 0);
        for (unsigned i = 0; i < claims->len; i++) {
            Claim c = g_array_index(claims, Claim, i);

            if (has_portion(slice, ris, c.partid, p)) {
                c.demand /= c.nportions;
                c.min /= c.nportions;
                c.max /= c.nportions;
                c.granted = 0;
                g_array_append_val(here, c);
            }
        }
        arbitrate(here, budget / width);
        for (unsigned i = 0; i < here->len; i++) {
            const Claim *got = &g_array_index(here, Claim, i);

            for (unsigned j = 0; j < claims->len; j++) {
                Claim *c = &g_array_index(claims, Claim, j);

                if (c->settings == got->settings) {
                    c->granted += got->granted;
                }
            }
        }
    }
}

/* What the requests of a flow are that leave the caches it has passed */
static uint64_t demand(const Flow *f)
{
    return scale(scale(f->read + f->write, f->missed), f->met);
}

static Claim *get_claim(GArray *claims, const Slice *slice, uint16_t partid)
{
    Claim new = {
        .settings = arm_mpam_msc_settings(slice->msc, partid),
        .partid = partid,
    };

    for (unsigned i = 0; i < claims->len; i++) {
        Claim *c = &g_array_index(claims, Claim, i);

        if (c->settings == new.settings) {
            return c;
        }
    }
    g_array_append_val(claims, new);
    return &g_array_index(claims, Claim, claims->len - 1);
}

/* Lowers what is met of the flows to what this MSC lets pass */
static void limit_flows(const ArmMpamStage *stage, const Slice *slice,
                        GPtrArray *flows, uint64_t budget, uint32_t *met)
{
    g_autoptr(GArray) claims = g_array_new(false, false, sizeof(Claim));
    unsigned n = stage->slices->len;
    int pbm = find_pbm(slice);

    for (unsigned i = 0; i < flows->len; i++) {
        const Flow *f = g_ptr_array_index(flows, i);
        Claim *c = get_claim(claims, slice, f->partid);

        c->demand += demand(f) / n;
        c->priority = MAX(c->priority, f->priority);
    }
    for (unsigned i = 0; i < claims->len; i++) {
        look_up_claim(slice, &g_array_index(claims, Claim, i), budget);
    }
    if (pbm >= 0) {
        arbitrate_portions(slice, pbm, claims, budget);
    } else {
        arbitrate(claims, budget);
    }
    for (unsigned i = 0; i < flows->len; i++) {
        const Flow *f = g_ptr_array_index(flows, i);
        const Claim *c = get_claim(claims, slice, f->partid);

        if (c->granted < c->demand) {
            met[i] = MIN(met[i], mul_div(c->granted, ONE, c->demand));
        }
    }
}

/* The downstream priority that an MSC gives a flow, if it does */
static void prioritize(const ArmMpamStage *stage, Flow *f)
{
    const Slice *slice = g_ptr_array_index(stage->slices, 0);
    uint32_t value;
    unsigned i;

    FOR_EACH_CONTROL(slice, PRI, f->partid, i, value) {
        const uint32_t *param = ris_params(slice, i);

        if (param[ARM_MPAM_DSPRI_WD]) {
            f->priority = priority(value >> 16, param[ARM_MPAM_DSPRI_WD],
                                   param[ARM_MPAM_DSPRI_0_IS_LOW]);
        }
    }
}

/* Caches */

static Holding *get_holding(Slice *slice, uint16_t partid, uint8_t pmg)
{
    Holding *h;

    for (unsigned i = 0; i < slice->holdings->len; i++) {
        h = g_ptr_array_index(slice->holdings, i);
        if (h->partid == partid && h->pmg == pmg) {
            return h;
        }
    }
    h = g_new0(Holding, 1);
    h->partid = partid;
    h->pmg = pmg;
    h->portion = g_new0(uint64_t, slice->nportions);
    h->mask = bitmap_new(slice->nportions);
    g_ptr_array_add(slice->holdings, h);
    return h;
}

static void free_holding(gpointer data)
{
    Holding *h = data;

    g_free(h->portion);
    g_free(h->mask);
    g_free(h);
}

static Partition *get_partition(const Slice *slice, uint16_t id)
{
    Partition *part;

    for (unsigned i = 0; i < slice->partitions->len; i++) {
        part = g_ptr_array_index(slice->partitions, i);
        if (part->id == id) {
            return part;
        }
    }
    part = g_new0(Partition, 1);
    part->id = id;
    g_ptr_array_add(slice->partitions, part);
    return part;
}

/* Its partition may have changed, where PARTIDs are narrowed */
static void look_up_partition(const Slice *slice, Holding *h)
{
    Partition *part = get_partition(slice, arm_mpam_msc_settings(slice->msc,
                                                                 h->partid));

    if (h->part != part) {
        if (h->part) {
            h->part->bytes -= h->bytes;
        }
        part->bytes += h->bytes;
        h->part = part;
    }
}

static void look_up_holding(const Slice *slice, Holding *h, uint64_t size)
{
    uint32_t value;
    unsigned i;

    look_up_partition(slice, h);
    h->enabled = arm_mpam_msc_partid_enabled(slice->msc, h->partid);
    h->max = size;
    h->min = 0;
    h->soft = false;
    bitmap_fill(h->mask, slice->nportions);
    FOR_EACH_CONTROL(slice, CPBM, h->partid, i, value) {
        portions(slice, h->partid, i, CPBM,
                 ris_params(slice, i)[ARM_MPAM_CPBM_WD], h->mask);
    }
    h->nportions = bitmap_count_one(h->mask, slice->nportions);
    FOR_EACH_CONTROL(slice, CMAX, h->partid, i, value) {
        h->max = MIN(h->max, maximum(size, value,
                                     ris_params(slice, i)[ARM_MPAM_CMAX_WD]));
        h->soft = value & SOFTLIM;
    }
    FOR_EACH_CONTROL(slice, CMIN, h->partid, i, value) {
        h->min = MAX(h->min, minimum(size, value));
    }
    FOR_EACH_CONTROL(slice, CASSOC, h->partid, i, value) {
        uint64_t ways = maximum(size, value,
                                ris_params(slice, i)[ARM_MPAM_CASSOC_WD]);

        if (ways < h->max) {
            h->max = ways;
            h->soft = false;
        }
    }
}

static void lose(Holding *h, unsigned p, uint64_t bytes)
{
    if (bytes) {
        h->dirty -= mul_div(h->dirty, bytes, h->bytes);
        h->portion[p] -= bytes;
        h->bytes -= bytes;
        h->part->bytes -= bytes;
    }
}

typedef enum Victims {
    VICTIMS_DISABLED,
    VICTIMS_ABOVE_MAX,
    VICTIMS_ABOVE_MIN,
    VICTIMS_ANY,
    VICTIMS_OWN,
} Victims;

/* How many bytes of a portion may be taken from a label, as such a victim */
static uint64_t evictable(const Holding *h, unsigned p, Victims kind,
                          const Partition *own)
{
    uint64_t keep;

    switch (kind) {
    case VICTIMS_DISABLED:
        return h->enabled ? 0 : h->portion[p];
    case VICTIMS_ABOVE_MAX:
        keep = h->max;
        break;
    case VICTIMS_ABOVE_MIN:
        keep = h->min;
        break;
    case VICTIMS_OWN:
        return h->part == own ? h->portion[p] : 0;
    default:
        return h->portion[p];
    }
    if (h->part->bytes <= keep) {
        return 0;
    }
    /* Its share of what the partition has too much */
    return mul_div(h->part->bytes - keep, h->portion[p], h->part->bytes);
}

/* Evicts @need bytes in proportion to what can be; returns what is missing */
static uint64_t evict(Slice *slice, unsigned p, Victims kind,
                      const Partition *own, uint64_t need)
{
    uint64_t total = 0, goal;

    for (unsigned i = 0; i < slice->holdings->len; i++) {
        Holding *h = g_ptr_array_index(slice->holdings, i);

        h->victim = evictable(h, p, kind, own);
        total += h->victim;
    }
    goal = MIN(need, total);
    need -= goal;
    for (unsigned i = 0; goal && i < slice->holdings->len; i++) {
        Holding *h = g_ptr_array_index(slice->holdings, i);
        /* Of what is left, so that nothing that is rounded off is lost */
        uint64_t part = mul_div(goal, h->victim, total ?: 1);

        lose(h, p, part);
        goal -= part;
        total -= h->victim;
    }
    return need;
}

/*
 * A label's lines arrive in a portion. What its partition's limit has no room
 * for takes the place of the partition's own lines.
 */
static void arrive(Slice *slice, Holding *h, unsigned p, uint64_t bytes,
                   uint64_t dirty, uint64_t size)
{
    uint64_t used = 0, disabled = 0, room, own = 0, need;

    for (unsigned i = 0; i < slice->holdings->len; i++) {
        Holding *other = g_ptr_array_index(slice->holdings, i);

        used += other->portion[p];
        disabled += other->enabled ? 0 : other->portion[p];
    }
    room = h->max > h->part->bytes ? h->max - h->part->bytes : 0;
    if (h->soft) {
        room += size - MIN(used, size) + disabled;
    }
    if (bytes > room) {
        own = bytes - room;
        need = evict(slice, p, VICTIMS_OWN, h->part, own);
        /* Its lines are in portions that it may not allocate in any more */
        bytes -= need;
        used -= own - need;
    }
    need = used + bytes > size ? used + bytes - size : 0;
    for (Victims kind = 0; need && kind <= VICTIMS_ANY; kind++) {
        need = evict(slice, p, kind, h->part, need);
    }
    bytes -= MIN(bytes, need);
    h->portion[p] += bytes;
    h->bytes += bytes;
    h->part->bytes += bytes;
    h->dirty = MIN(h->dirty + MIN(dirty, bytes), h->bytes);
}

/* Everything that was allocated in this interval arrives, bit by bit */
static void fill(Slice *slice, uint64_t size)
{
    uint64_t portion = size / slice->nportions, most = 0;
    unsigned steps, n = slice->holdings->len;

    for (unsigned i = 0; i < slice->holdings->len; i++) {
        Holding *h = g_ptr_array_index(slice->holdings, i);

        look_up_holding(slice, h, size);
        if (h->in && h->enabled && h->nportions) {
            most += h->in / h->nportions;
        } else {
            h->in = 0;
        }
    }
    if (!most) {
        return;
    }
    steps = MIN(most / (portion / STEP_PARTS) + 1, MAX_STEPS);
    /* All is new many times: shrink that, but keep the labels' proportions */
    for (unsigned i = 0; i < slice->holdings->len; i++) {
        Holding *h = g_ptr_array_index(slice->holdings, i);
        uint64_t limit = portion / STEP_PARTS * steps;

        if (most > limit) {
            h->in_dirty = mul_div(h->in_dirty, limit, most);
            h->in = mul_div(h->in, limit, most);
        }
    }
    for (unsigned s = 0; s < steps; s++) {
        for (unsigned i = 0; i < n; i++) {
            /* In turns, so that it's no advantage to be the last */
            Holding *h = g_ptr_array_index(slice->holdings,
                                           s % 2 ? n - 1 - i : i);
            uint64_t parts = (uint64_t)h->nportions * steps;

            for (unsigned p = 0; h->in && p < slice->nportions; p++) {
                if (test_bit(p, h->mask)) {
                    arrive(slice, h, p, h->in / parts, h->in_dirty / parts,
                           portion);
                }
            }
        }
    }
}

static void tell_occupancy(Slice *slice)
{
    for (unsigned i = 0; i < slice->holdings->len; i++) {
        Holding *h = g_ptr_array_index(slice->holdings, i);

        for (unsigned r = 0; r < slice->ris->len; r++) {
            arm_mpam_msc_set_occupancy(slice->msc,
                                       g_array_index(slice->ris, unsigned, r),
                                       h->partid, h->pmg,
                                       whole_lines(h->bytes),
                                       whole_lines(MIN(h->dirty, h->bytes)));
        }
        h->in = 0;
        h->in_dirty = 0;
    }
}

static void forget_lines(Slice *slice)
{
    for (unsigned i = 0; i < slice->holdings->len; i++) {
        Holding *h = g_ptr_array_index(slice->holdings, i);

        memset(h->portion, 0, slice->nportions * sizeof(*h->portion));
        if (h->part) {
            h->part->bytes -= h->bytes;
        }
        h->bytes = 0;
        h->dirty = 0;
        h->in = 0;
        h->in_dirty = 0;
    }
}

/*
 * How much of a flow a cache does not answer: lines are found in proportion
 * to how much of what all requesters with this label come back to is there.
 */
static uint32_t miss_ratio(const ArmMpamStage *stage, const Flow *f,
                           const GPtrArray *flows)
{
    uint64_t footprint = 0, have = 0;

    if (!stage->size || !f->requester->footprint) {
        return ONE;
    }
    for (unsigned i = 0; i < flows->len; i++) {
        const Flow *other = g_ptr_array_index(flows, i);

        if (other->partid == f->partid && other->pmg == f->pmg) {
            footprint += (uint64_t)other->requester->footprint *
                         other->path->percent / 100;
        }
    }
    footprint <<= KIB_SHIFT;
    for (unsigned i = 0; i < stage->slices->len; i++) {
        have += get_holding(g_ptr_array_index(stage->slices, i), f->partid,
                            f->pmg)->bytes;
    }
    if (have >= footprint) {
        return 0;
    }
    return ONE - mul_div(have, ONE, footprint);
}

/* One interval */

/* Where the host is too slow for every sample, some are left out */
static void arm_timer(ArmMpamTraffic *t, int64_t next)
{
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);

    t->next = next > now ? next : now + t->interval_us * SCALE_US;
    timer_mod_ns(t->timer, t->next);
}

static uint64_t take_rate(uint64_t *rest, uint32_t rate, uint32_t interval_us)
{
    const uint64_t second = 1000000ull * LINE;
    uint64_t lines;

    *rest += ((uint64_t)rate << MIB_SHIFT) * interval_us;
    lines = *rest / second;
    *rest %= second;
    return lines * LINE;
}

static void add_flows(ArmMpamTraffic *t, ArmMpamRequester *r, GArray *flows)
{
    uint16_t partid = r->partid;
    uint8_t pmg = r->pmg;
    uint64_t read, write;

    if (!r->enabled || (r->sample && !r->sample(r->opaque, &partid, &pmg))) {
        return;
    }
    read = take_rate(&r->read_rest, r->read_rate, t->interval_us);
    write = take_rate(&r->write_rest, r->write_rate, t->interval_us);
    r->met = ONE;
    for (unsigned i = 0; i < r->paths->len; i++) {
        const Path *path = g_ptr_array_index(r->paths, i);
        Flow f = {
            .requester = r, .path = path, .partid = partid, .pmg = pmg,
            .read = whole_lines(read * path->percent / 100),
            .write = whole_lines(write * path->percent / 100),
            .missed = ONE, .met = ONE, .priority = PRIORITY_MIDDLE,
        };

        g_array_append_val(flows, f);
    }
}

/* The flows that pass a stage, all of them having passed those before it */
static GPtrArray *flows_at(const ArmMpamStage *stage, GArray *flows)
{
    GPtrArray *here = g_ptr_array_new();

    for (unsigned i = 0; i < flows->len; i++) {
        Flow *f = &g_array_index(flows, Flow, i);

        if (f->at < f->path->stages->len &&
            g_ptr_array_index(f->path->stages, f->at) == stage) {
            g_ptr_array_add(here, f);
        }
    }
    return here;
}

/* Finds out how much of each flow can be met */
static void plan_stage(ArmMpamTraffic *t, ArmMpamStage *stage, GArray *flows)
{
    g_autoptr(GPtrArray) here = flows_at(stage, flows);
    g_autofree uint32_t *met = g_new(uint32_t, here->len + 1);
    uint64_t budget = ((uint64_t)stage->rate << MIB_SHIFT) * t->interval_us /
                      1000000 / stage->slices->len;

    for (unsigned i = 0; i < here->len; i++) {
        Flow *f = g_ptr_array_index(here, i);

        met[i] = ONE;
        f->at++;
        f->missed = mul_div(f->missed, miss_ratio(stage, f, here), ONE);
    }
    for (unsigned i = 0; stage->rate && i < stage->slices->len; i++) {
        const Slice *slice = g_ptr_array_index(stage->slices, i);

        if (slice->msc->powered) {
            limit_flows(stage, slice, here, budget, met);
        }
    }
    for (unsigned i = 0; i < here->len; i++) {
        Flow *f = g_ptr_array_index(here, i);

        f->met = mul_div(f->met, met[i], ONE);
        f->requester->met = MIN(f->requester->met, f->met);
        prioritize(stage, f);
    }
}

/* Has the requests pass a stage, as far as they are met */
static void do_stage(ArmMpamStage *stage, GArray *flows)
{
    g_autoptr(GPtrArray) here = flows_at(stage, flows);
    unsigned n = stage->slices->len;

    for (unsigned i = 0; i < here->len; i++) {
        Flow *f = g_ptr_array_index(here, i);
        uint32_t met = f->requester->met;
        uint64_t read, write;

        f->at++;
        f->missed = mul_div(f->missed, miss_ratio(stage, f, here), ONE);
        read = whole_lines(scale(scale(f->read, f->missed), met));
        write = whole_lines(scale(scale(f->write, f->missed), met));
        for (unsigned s = 0; s < n; s++) {
            Slice *slice = g_ptr_array_index(stage->slices, s);
            uint64_t r = interleaved(read, s, n), w = interleaved(write, s, n);

            for (unsigned j = 0; (r || w) && j < slice->ris->len; j++) {
                arm_mpam_msc_traffic(slice->msc,
                                     g_array_index(slice->ris, unsigned, j),
                                     f->partid, f->pmg, r, w);
            }
            if (stage->size) {
                Holding *h = get_holding(slice, f->partid, f->pmg);

                h->in += r + w;
                h->in_dirty += w;
            }
        }
    }
}

static void fill_stage(ArmMpamStage *stage)
{
    for (unsigned i = 0; stage->size && i < stage->slices->len; i++) {
        Slice *slice = g_ptr_array_index(stage->slices, i);

        if (slice->msc->powered) {
            fill(slice, stage->size / stage->slices->len);
        } else {
            forget_lines(slice);
        }
        tell_occupancy(slice);
    }
}

static void restart_flows(GArray *flows)
{
    for (unsigned i = 0; i < flows->len; i++) {
        Flow *f = &g_array_index(flows, Flow, i);

        f->at = 0;
        f->missed = ONE;
    }
}

static void tick(void *opaque)
{
    ArmMpamTraffic *t = opaque;
    g_autoptr(GArray) flows = g_array_new(false, false, sizeof(Flow));

    for (unsigned i = 0; i < t->requesters->len; i++) {
        add_flows(t, g_ptr_array_index(t->requesters, i), flows);
    }
    for (unsigned i = 0; i < t->stages->len; i++) {
        plan_stage(t, g_ptr_array_index(t->stages, i), flows);
    }
    restart_flows(flows);
    for (unsigned i = 0; i < t->stages->len; i++) {
        do_stage(g_ptr_array_index(t->stages, i), flows);
    }
    for (unsigned i = 0; i < t->stages->len; i++) {
        fill_stage(g_ptr_array_index(t->stages, i));
    }
    t->samples++;
    arm_timer(t, t->next + t->interval_us * SCALE_US);
}

/* Life */

static void update_timer(ArmMpamTraffic *t)
{
    if (t->enabled && t->started) {
        arm_timer(t, 0);
    } else {
        timer_del(t->timer);
    }
}

static void empty_caches(ArmMpamTraffic *t)
{
    for (unsigned i = 0; i < t->stages->len; i++) {
        ArmMpamStage *stage = g_ptr_array_index(t->stages, i);

        for (unsigned s = 0; s < stage->slices->len; s++) {
            Slice *slice = g_ptr_array_index(stage->slices, s);

            g_ptr_array_set_size(slice->holdings, 0);
            g_ptr_array_set_size(slice->partitions, 0);
        }
    }
}

static void traffic_reset(void *opaque)
{
    ArmMpamTraffic *t = opaque;

    empty_caches(t);
    for (unsigned i = 0; i < t->requesters->len; i++) {
        ArmMpamRequester *r = g_ptr_array_index(t->requesters, i);

        r->read_rest = 0;
        r->write_rest = 0;
    }
    t->samples = 0;
    update_timer(t);
}

ArmMpamTraffic *arm_mpam_traffic_new(Object *parent, uint32_t interval_us)
{
    ArmMpamTraffic *t = ARM_MPAM_TRAFFIC(object_new(TYPE_ARM_MPAM_TRAFFIC));

    t->interval_us = interval_us;
    object_property_add_child(parent, "mpam-traffic", OBJECT(t));
    object_unref(OBJECT(t));
    return t;
}

ArmMpamStage *arm_mpam_traffic_add_stage(ArmMpamTraffic *t, unsigned rank,
                                         uint64_t size)
{
    ArmMpamStage *stage = g_new0(ArmMpamStage, 1);
    int at = 0;

    stage->rank = rank;
    stage->size = size;
    stage->slices = g_ptr_array_new();
    while (at < t->stages->len &&
           ((ArmMpamStage *)g_ptr_array_index(t->stages, at))->rank <= rank) {
        at++;
    }
    g_ptr_array_insert(t->stages, at, stage);
    return stage;
}

void arm_mpam_stage_add_ris(ArmMpamStage *stage, ArmMpamMsc *msc, unsigned ris,
                            uint32_t rate)
{
    Slice *slice = NULL;

    if (!stage->rate) {
        stage->rate = rate;
    }
    for (unsigned i = 0; i < stage->slices->len; i++) {
        Slice *s = g_ptr_array_index(stage->slices, i);

        if (s->msc == msc) {
            slice = s;
        }
    }
    if (!slice) {
        slice = g_new0(Slice, 1);
        slice->msc = msc;
        slice->ris = g_array_new(false, false, sizeof(unsigned));
        slice->nportions = 1;
        slice->holdings = g_ptr_array_new_with_free_func(free_holding);
        slice->partitions = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(stage->slices, slice);
    }
    g_array_append_val(slice->ris, ris);
    slice->nportions = MAX(slice->nportions,
                           msc->ris[ris].param[ARM_MPAM_CPBM_WD]);
}

ArmMpamRequester *arm_mpam_traffic_add_requester(ArmMpamTraffic *t,
                                                 const char *name,
                                                 ArmMpamSample *sample,
                                                 void *opaque)
{
    Object *obj = object_new(TYPE_ARM_MPAM_REQUESTER);
    ArmMpamRequester *r = ARM_MPAM_REQUESTER(obj);

    r->traffic = t;
    r->sample = sample;
    r->opaque = opaque;
    g_ptr_array_add(t->requesters, r);
    object_property_add_child(OBJECT(t), name, obj);
    object_unref(obj);
    return r;
}

void arm_mpam_requester_add_path(ArmMpamRequester *r, ArmMpamStage **stages,
                                 unsigned nstages, unsigned percent)
{
    Path *path = g_new0(Path, 1);

    path->percent = percent;
    path->stages = g_ptr_array_new();
    for (unsigned i = 0; i < nstages; i++) {
        g_ptr_array_add(path->stages, stages[i]);
    }
    g_ptr_array_add(r->paths, path);
}

void arm_mpam_traffic_start(ArmMpamTraffic *t, bool enabled)
{
    t->started = true;
    t->enabled = enabled;
    qemu_register_reset(traffic_reset, t);
}

static bool traffic_get_enabled(Object *obj, Error **errp)
{
    return ARM_MPAM_TRAFFIC(obj)->enabled;
}

static void traffic_set_enabled(Object *obj, bool value, Error **errp)
{
    ArmMpamTraffic *t = ARM_MPAM_TRAFFIC(obj);

    if (t->enabled != value) {
        t->enabled = value;
        if (value) {
            empty_caches(t);
        }
        update_timer(t);
    }
}

static void traffic_init(Object *obj)
{
    ArmMpamTraffic *t = ARM_MPAM_TRAFFIC(obj);

    t->stages = g_ptr_array_new();
    t->requesters = g_ptr_array_new();
    t->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, tick, t);
    object_property_add_bool(obj, "enabled", traffic_get_enabled,
                             traffic_set_enabled);
    object_property_add_uint64_ptr(obj, "samples", &t->samples,
                                   OBJ_PROP_FLAG_READ);
}

static bool requester_get_enabled(Object *obj, Error **errp)
{
    return ARM_MPAM_REQUESTER(obj)->enabled;
}

static void requester_set_enabled(Object *obj, bool value, Error **errp)
{
    ARM_MPAM_REQUESTER(obj)->enabled = value;
}

static void requester_init(Object *obj)
{
    ArmMpamRequester *r = ARM_MPAM_REQUESTER(obj);

    r->enabled = true;
    r->paths = g_ptr_array_new();
    object_property_add_bool(obj, "enabled", requester_get_enabled,
                             requester_set_enabled);
    object_property_add_uint16_ptr(obj, "partid", &r->partid,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint8_ptr(obj, "pmg", &r->pmg,
                                  OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint32_ptr(obj, "read-rate", &r->read_rate,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint32_ptr(obj, "write-rate", &r->write_rate,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint32_ptr(obj, "footprint", &r->footprint,
                                   OBJ_PROP_FLAG_READWRITE);
}

static const TypeInfo traffic_types[] = {
    {
        .name = TYPE_ARM_MPAM_TRAFFIC,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(ArmMpamTraffic),
        .instance_init = traffic_init,
    }, {
        .name = TYPE_ARM_MPAM_REQUESTER,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(ArmMpamRequester),
        .instance_init = requester_init,
    },
};
DEFINE_TYPES(traffic_types)
