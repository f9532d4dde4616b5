/** @file Reading tables: numbers, addresses, rows of F32. */

export function whole(at: usize): i32 {
	return load<i32>(at);
}
export function address(at: usize): usize {
	return <usize>load<u32>(at);
}
/** Row `i` of a table of rows of `stride` numbers. */
export function row(table: usize, i: i32, stride: i32): usize {
	return table + ((<usize>i * <usize>stride) << 2);
}
