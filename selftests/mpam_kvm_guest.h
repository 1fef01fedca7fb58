/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the guest of mpam_kvm and the program that runs it agree on: it is
 * entered with CONTEXTIDR_EL1 in x0 and an address in x1 that is no memory. It
 * writes 64 bits to these offsets from there.
 */
#ifndef MPAM_KVM_GUEST_H
#define MPAM_KVM_GUEST_H

#define PORT_PFR0	0x00	/* ID_AA64PFR0_EL1 */
#define PORT_PFR1	0x08	/* ID_AA64PFR1_EL1 */
#define PORT_ACCESS	0x10	/* after an access to a register: what came of it */
#define PORT_ROUND	0x18	/* once for each turn of the endless loop */
#define PORT_FAULT	0x20	/* ESR_EL1 of an exception that should not happen */

/* What came of an access: nothing, or an undefined instruction exception */
#define ACCESS_DONE	0
#define ACCESS_UNDEF	1

#ifndef __ASSEMBLER__
extern const char guest_code[], guest_entry[], guest_end[];
#endif

#endif
