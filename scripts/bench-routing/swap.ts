/**
 * The table swapped while calls come in: as a reload does it, the network is made and packed in a thread of its own,
 * unpacked and compiled in slices between the calls, and swapped in one tick. How long was the event loop kept?
 */
import { setImmediate as afterOthers, setTimeout as pause } from 'node:timers/promises';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { Unpacking, type Parcel } from '../../src/reload/parcels.ts';
import { compile, compileInSlices, type RoutingTable, type Slices } from '../../src/routing/table.ts';
import { CallsAtARate, type Stall } from './calls-at-a-rate.ts';
import { indexNumbers, madeUpNetwork, type Scale } from './made-up-network.ts';
import type { SwapOrder } from './swap-thread.ts';

export interface SwapOptions {
  readonly scale: Scale;
  readonly perSecond: number;
  readonly swaps: number;
}

export interface Stalls {
  /** Calls only. */
  readonly calm: Stall;
  /** Of each swap. */
  readonly swapping: readonly Stall[];
  /** From the first parcel to the swap, milliseconds, calls between. */
  readonly takesMs: readonly number[];
  readonly decisions: number;
}

const slices: Slices = { budgetMs: 2, now: () => performance.now(), yield: () => afterOthers() };

export async function swapUnderLoad({ scale, perSecond, swaps }: SwapOptions): Promise<Stalls> {
  let table = compile(madeUpNetwork(scale, indexNumbers(scale)));
  const calls = new CallsAtARate(scale, perSecond, () => table);
  await pause(1_000);
  calls.stallsSoFar();
  await pause(1_500);
  const calm = calls.stallsSoFar();
  const swapping: Stall[] = [];
  const takesMs: number[] = [];
  for (let swap = 0; swap < swaps; swap++) {
    const thread = new Worker(new URL('./swap-thread.js', import.meta.url));
    calls.stallsSoFar();
    const taken = await takeOver(thread, scale);
    table = taken.table;
    await pause(300);
    swapping.push(calls.stallsSoFar());
    takesMs.push(taken.ms);
    await thread.terminate();
  }
  return { calm, swapping, takesMs, decisions: calls.stop() };
}

async function takeOver(
  thread: Worker,
  scale: Scale,
): Promise<{ readonly table: RoutingTable; readonly ms: number }> {
  const { port1: ours, port2: theirs } = new MessageChannel();
  const order: SwapOrder = { scale, parcels: theirs };
  const packed = new Promise((resolve, reject) => thread.once('message', resolve).once('error', reject));
  thread.postMessage(order, [theirs]);
  await packed;
  const began = performance.now();
  const unpacking = new Unpacking();
  let until = slices.now() + slices.budgetMs;
  for (;;) {
    const received = receiveMessageOnPort(ours) as { readonly message: Parcel } | undefined;
    if (!received) throw new Error('the thread sent half a network');
    const loaded = unpacking.take(received.message);
    if (loaded?.ok === true) {
      const table = await compileInSlices(loaded.config.network, slices);
      ours.close();
      return { table, ms: performance.now() - began };
    }
    if (slices.now() < until) continue;
    await slices.yield();
    until = slices.now() + slices.budgetMs;
  }
}
