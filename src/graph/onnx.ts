/**
 * @file Serialises a graph as an ONNX model: the few protobuf messages of `onnx.proto3` that we write
 * (ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto, ValueInfoProto), by field number.
 */
import { Graph, type Attribute, type Constant, type Node } from './graph.ts';
import { GraphError, type ElementType, type Value } from './value.ts';

/** Opset 17 has every ONNX operator we use; `ReduceSum` takes its axes as input, `ReduceMean` as attribute. */
const opset = 17;
const irVersion = 8;

/** TensorProto.DataType. */
const typeCode: Readonly<Record<ElementType, number>> = {
	float32: 1,
	uint8: 2,
	int32: 6,
	int64: 7,
	bool: 9,
};
/** Bytes of one element. */
const typeBytes: Readonly<Record<ElementType, number>> = {
	float32: 4,
	uint8: 1,
	int32: 4,
	int64: 8,
	bool: 1,
};

/** Protobuf wire format: varint (0) and length-delimited (2) fields, little-endian floats (5). */
class Message {
	#parts: Uint8Array[] = [];
	#length = 0;

	#push(bytes: Uint8Array): void {
		this.#parts.push(bytes);
		this.#length += bytes.length;
	}
	#varint(n: number | bigint): void {
		let v = BigInt.asUintN(64, BigInt(n));
		const bytes: number[] = [];
		do {
			const low = Number(v & 0x7fn);
			v >>= 7n;
			bytes.push(v > 0n ? low | 0x80 : low);
		} while (v > 0n);
		this.#push(Uint8Array.from(bytes));
	}
	int(field: number, n: number | bigint): this {
		this.#varint(field << 3);
		this.#varint(n);
		return this;
	}
	float(field: number, n: number): this {
		this.#varint((field << 3) | 5);
		this.#push(new Uint8Array(Float32Array.of(n).buffer));
		return this;
	}
	bytes(field: number, bytes: Uint8Array): this {
		this.#varint((field << 3) | 2);
		this.#varint(bytes.length);
		this.#push(bytes);
		return this;
	}
	text(field: number, text: string): this {
		return this.bytes(field, new TextEncoder().encode(text));
	}
	message(field: number, message: Message): this {
		return this.bytes(field, message.finish());
	}
	finish(): Uint8Array {
		const all = new Uint8Array(this.#length);
		let at = 0;
		for (const part of this.#parts) {
			all.set(part, at);
			at += part.length;
		}
		return all;
	}
}

function valueInfo(value: Value): Message {
	const shape = new Message();
	for (const d of value.shape)
		shape.message(1, typeof d === 'number' ? new Message().int(1, d) : new Message().text(2, d));
	const tensor = new Message().int(1, typeCode[value.type]).message(2, shape);
	return new Message().text(1, value.name).message(2, new Message().message(1, tensor));
}

/** Shape, type and name. */
function tensorHead(value: Value): Message {
	const message = new Message();
	for (const d of value.shape) {
		if (typeof d !== 'number')
			throw new GraphError(`the constant ${value.name} has a symbolic shape`);
		message.int(1, d);
	}
	return message.int(2, typeCode[value.type]).text(8, value.name);
}

function tensor({ value, data }: Constant): Message {
	return tensorHead(value).bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

/** External tensor: its bytes are the whole file with the tensor's name. */
function externalTensor(value: Value): Message {
	const size = value.shape.reduce<number>((n, d) => n * Number(d), typeBytes[value.type]);
	const entry = (key: string, text: string) => new Message().text(1, key).text(2, text);
	return tensorHead(value)
		.message(13, entry('location', value.name))
		.message(13, entry('offset', '0'))
		.message(13, entry('length', String(size)))
		.int(14, 1);
}

function attribute(name: string, value: Attribute): Message {
	const message = new Message().text(1, name);
	if (typeof value === 'number') return message.int(3, value).int(20, 2);
	if (typeof value === 'string') return message.text(4, value).int(20, 3);
	if (value instanceof Graph) return message.message(6, graphProto(value)).int(20, 5);
	if ('float' in value) return message.float(2, value.float).int(20, 1);
	for (const n of value) message.int(8, n);
	return message.int(20, 7);
}

function node({ operator, domain, inputs, outputs, attributes }: Node): Message {
	const message = new Message();
	for (const name of inputs) message.text(1, name);
	for (const name of outputs) message.text(2, name);
	message.text(3, outputs[0] ?? '').text(4, operator);
	for (const [name, value] of Object.entries(attributes))
		message.message(5, attribute(name, value));
	return domain ? message.text(7, domain) : message;
}

function graphProto(graph: Graph): Message {
	const message = new Message();
	for (const n of graph.nodes) message.message(1, node(n));
	message.text(2, graph.name);
	for (const c of graph.constants) message.message(5, tensor(c));
	for (const v of graph.externals) message.message(5, externalTensor(v));
	for (const v of graph.inputs) message.message(11, valueInfo(v));
	for (const v of graph.outputs) message.message(12, valueInfo(v));
	return message;
}

/** Bytes of the `.onnx` file. */
export function serialise(graph: Graph): Uint8Array {
	if (graph.outputs.length === 0) throw new GraphError(`the graph ${graph.name} has no output`);
	return new Message()
		.int(1, irVersion)
		.text(2, 'evolvarium')
		.message(7, graphProto(graph))
		.message(8, new Message().text(1, '').int(2, opset))
		.message(8, new Message().text(1, 'com.microsoft').int(2, 1))
		.finish();
}
