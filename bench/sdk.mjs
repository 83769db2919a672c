// SPDX-License-Identifier: MIT
// The official TypeScript SDK's client, measured like bench-bare and bench-calls:
//   node sdk.mjs calls COUNT WINDOW SERVER…   or   node sdk.mjs big SERVER…
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const [mode, ...rest] = process.argv.slice(2);
const [count, window] = mode === 'calls' ? rest.splice(0, 2).map(Number) : [1, 1];
const client = new Client({ name: 'sdk', version: '1' });
await client.connect(new StdioClientTransport({ command: rest[0], args: rest.slice(1) }));
await client.listTools();

const now = () => Number(process.hrtime.bigint()) / 1e3;
const call = (name) =>
	client.callTool({ name, arguments: { text: 'hello' } }, undefined,
		{ onprogress: () => {}, timeout: 120000 });

const start = now();
if (mode === 'big') {
	const { content } = await call('big');
	console.log(JSON.stringify({ ms: (now() - start) / 1e3, bytes: content[0].text.length,
		peak_kib: process.resourceUsage().maxRSS }));
} else {
	const cpu = process.cpuUsage();
	const took = [];
	let sent = 0;
	const lane = async () => {
		while (sent++ < count) {
			const before = now();
			await call('echo');
			took.push(now() - before);
		}
	};
	await Promise.all(Array.from({ length: window }, lane));
	const wall = now() - start, used = process.cpuUsage(cpu);
	took.sort((a, b) => a - b);
	console.log(JSON.stringify({ count, median_us: took[took.length >> 1],
		calls_per_s: Math.round(count * 1e6 / wall),
		cpu_us_per_call: (used.user + used.system) / count }));
}
await client.close();
