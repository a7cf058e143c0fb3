#include "table.h"

#define TILE 1 // 2 accumulators of four registers each: 8 of 16.
#define ROWS 2
#define TABLE ck_table_base
#define ISA CK_ISA_BASE

#include "kernels.inc"
