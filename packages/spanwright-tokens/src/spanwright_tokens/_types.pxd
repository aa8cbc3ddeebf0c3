# The integer types that every column and every id is made of.
from libc.stdint cimport int8_t, int32_t, uint8_t, uint32_t, uint64_t

ctypedef uint64_t attr_t
