// SPDX-License-Identifier: MIT
// JSON texts, generated and mutated from a seed, and what Node's JSON.parse says of them beside
// json_verdicts (see there for the form of FILE):
//
//   node differential.mjs make SEED COUNT FILE
//   node differential.mjs compare FILE VERDICTS     prints each disagreement, then the counts
import {readFileSync, writeFileSync} from 'node:fs';

let state;
function random(below) { // mulberry32
	state = (state + 0x6d2b79f5) | 0;
	let t = Math.imul(state ^ (state >>> 15), 1 | state);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) % below;
}
const pick = (list) => list[random(list.length)];

const blanks = ['', '', '', ' ', '\n', '\t', '\r\n', '  '];
const numbers = ['0', '-0', '1', '-7', '1.5', '0.001', '1e3', '1E+2', '-2.5e-10', '123456789012345678901234567890',
	'9007199254740993', '1e400', '0e0', '18446744073709551616'];
const characters = ['a', 'k', ' ', 'ß', '日', '😀', '\\n', '\\"', '\\\\', '\\/', '\\u0041', '\\u00e9', '\\ud83d\\ude00', '\\u0000',
	'\u2028', '\x7f', '{', ']', ','];
const text = () => '"' + Array.from({length: random(6)}, () => pick(characters)).join('') + '"';

function value(depth) {
	const kind = random(depth > 6 ? 4 : 7);
	if (kind === 0) return pick(['true', 'false', 'null']);
	if (kind === 1) return pick(numbers);
	if (kind < 4) return text();
	const items = Array.from({length: random(5)}, () => pick(blanks) +
		(kind < 6 ? text() + pick(blanks) + ':' + pick(blanks) : '') + value(depth + 1) + pick(blanks));
	return kind < 6 ? `{${items.join(',')}}` : `[${items.join(',')}]`;
}

const splices = ['NaN', 'Infinity', '01', '1.', '.5', '+1', '0x1', "'a'", ',', ',,', '//x\n', '/**/', '\0', '\x01', '\\u12', '\\x41', '\\ud800',
	'\\udc00', '"', '{', '}', '[', ']', ':', '\ufeff', 'tru', 'nullx', '1e', '-', '\\', '\n', '\v', '\u00a0',
	'['.repeat(130)].map((s) => Buffer.from(s)).concat(
	[[0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82], [0xff], [0xf0, 0x9f, 0x98]].map((b) => Buffer.from(b)));

function mutate(bytes) {
	for (let n = random(3); n > 0; n--) {
		const at = random(bytes.length + 1), end = Math.min(bytes.length, at + random(4));
		switch (random(4)) {
		case 0: bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]); break;
		case 1: bytes = Buffer.concat([bytes.subarray(0, at), pick(splices), bytes.subarray(at)]); break;
		case 2: bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]); break;
		default:
			bytes = Buffer.from(bytes);
			if (at < bytes.length) bytes[at] = random(256);
		}
	}
	return bytes;
}

function make(seed, count, file) {
	state = seed;
	const parts = [];
	for (let i = 0; i < count; i++) {
		const bytes = mutate(Buffer.from(pick(blanks) + value(0) + pick(blanks)));
		const head = Buffer.alloc(4);
		head.writeUInt32LE(bytes.length);
		parts.push(head, bytes);
	}
	writeFileSync(file, Buffer.concat(parts));
}

function* texts(file) {
	const all = readFileSync(file);
	for (let at = 0; at < all.length;) {
		const len = all.readUInt32LE(at);
		yield all.subarray(at + 4, at + 4 + len);
		at += 4 + len;
	}
}

const decoder = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});
function parse(bytes) {
	try {
		return {value: JSON.parse(decoder.decode(bytes))};
	} catch {
		return null;
	}
}

// What ours refuses on purpose, and JSON.parse takes.
const stricter = new Set(['a key that is there already', 'a NUL in a key', 'a lone surrogate', 'more nesting than is allowed']);

function compare(file, verdicts) {
	const lines = readFileSync(verdicts).toString('latin1').split('\n');
	const counts = {good: 0, bad: 0, stricter: 0};
	let i = 0;
	for (const bytes of texts(file)) {
		const line = Buffer.from(lines[i++] ?? '', 'latin1');
		const theirs = parse(bytes), good = line.subarray(0, 5).toString() === 'good ';
		const why = line.subarray(4).toString();
		const same = good && theirs && JSON.stringify(parse(line.subarray(5))?.value) === JSON.stringify(theirs.value);
		if (same) counts.good++;
		else if (!good && !theirs) counts.bad++;
		else if (!good && stricter.has(why)) counts.stricter++;
		else console.log(`${JSON.stringify(bytes.toString('latin1')).slice(0, 300)}: ours says ${line.toString().slice(0, 100)}, JSON.parse ${theirs ? 'takes it' : 'does not'}`);
	}
	console.log(`${counts.good} good ${counts.bad} bad ${counts.stricter} stricter`);
}

const [command, ...rest] = process.argv.slice(2);
if (command === 'make') make(Number(rest[0]), Number(rest[1]), rest[2]);
else compare(rest[0], rest[1]);
