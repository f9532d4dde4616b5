/** @file Reads of job tables: integers, addresses, F32 rows. */

export function loadI32(at: usize): i32 {
	return load<i32>(at);
}
export function loadPointer(at: usize): usize {
	return <usize>load<u32>(at);
}
/** Address of row `i` in a table with rows of `stride` numbers. */
export function row(table: usize, i: i32, stride: i32): usize {
	return table + ((<usize>i * <usize>stride) << 2);
}
