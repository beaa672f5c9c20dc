// The header of ipsec-mb, without the short names that it had in former times (GCM, SHA1 ...), which are macros.
#pragma once

#define NO_COMPAT_IMB_API_053
#include <intel-ipsec-mb.h>
