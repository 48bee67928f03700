import { concat, dataLength, dataSlice, isHexString, toBeHex, toNumber } from "ethers";

import { translate } from "./errors.js";

/** Asks a node by JSON-RPC. */
export type Send = (method: string, params: unknown[]) => Promise<unknown>;

/** What `eth_call` is given, as far as it can be asked together with others. */
interface Call {
  to: string;
  data: string;
}

interface Waiting extends Call {
  resolve: (answer: unknown) => void;
  reject: (error: unknown) => void;
}

/**
 * So many calls go into one. Their answers count as the code of a contract, of which there may be 24,576 bytes
 * ({@link https://eips.ethereum.org/EIPS/eip-170 EIP-170}), and what asks for them as its constructor, twice as much
 * ({@link https://eips.ethereum.org/EIPS/eip-3860 EIP-3860}).
 */
const TOGETHER = 48;

/** Longer than this is the input of no question about consents, in bytes. */
const LONGEST = 512;

/**
 * Sends what is asked of one block at one moment as one `eth_call`: a constructor that nobody deploys makes the calls, and returns
 * what came of each. A node that runs no constructors, or answers with something else, is asked each by itself; so is
 * a call that reverts, for its error.
 *
 * @param send asks the node
 * @returns asks for one call at a block, the block in hex
 * @throws what `send` throws
 */
export function callsTogether(send: Send): (call: Call, block: string) => Promise<unknown> {
  const waiting = new Map<string, Waiting[]>();
  let canBeAsked = true;
  const alone = ({ to, data, resolve, reject }: Waiting, block: string) =>
    void send("eth_call", [{ to, data }, block]).then(resolve, reject);

  const ask = async (some: readonly Waiting[], block: string): Promise<void> => {
    if (some.length === 1 || !canBeAsked) return some.forEach((each) => alone(each, block));
    let answers: (string | undefined)[] | undefined;
    try {
      answers = answersIn(await send("eth_call", [{ data: constructorOf(some) }, block]), some.length);
    } catch (error) {
      const { code } = translate(error);
      if (code === "CHAIN_UNREACHABLE" || code === "RATE_LIMITED") return some.forEach(({ reject }) => reject(error));
    }
    canBeAsked = answers !== undefined;
    for (const [i, each] of some.entries()) {
      const answer = answers?.[i];
      if (answer === undefined) alone(each, block);
      else each.resolve(answer);
    }
  };

  return (call, block) =>
    new Promise((resolve, reject) => {
      const one = { ...call, resolve, reject };
      if (dataLength(call.data) > LONGEST) return alone(one, block);
      const others = waiting.get(block);
      if (others !== undefined) return void others.push(one);
      const all = [one];
      waiting.set(block, all);
      // Whoever asks at this moment is among them; nobody waits for anybody else.
      setTimeout(() => {
        waiting.delete(block);
        for (let first = 0; first < all.length; first += TOGETHER) void ask(all.slice(first, first + TOGETHER), block);
      });
    });
}

/** Bytes of a word of the EVM. */
const WORD = 32;

/**
 * What one call takes of the constructor. On the stack is where the next answer goes in memory: its input is copied there
 * (PUSH2, PUSH2, DUP3, CODECOPY), the call is made (two times PUSH1 0, PUSH2, DUP4, PUSH20, GAS, STATICCALL), and in its place come whether
 * it succeeded (DUP2, MSTORE), how long its answer is (RETURNDATASIZE, DUP2, PUSH1 32, ADD, MSTORE) and the answer (RETURNDATASIZE, PUSH1 0,
 * DUP3, PUSH1 64, ADD, RETURNDATACOPY); what follows goes behind it (RETURNDATASIZE, ADD, PUSH1 64, ADD).
 *
 * @param at where its input is in the code
 */
const making = ({ to, data }: Call, at: number): string =>
  concat([
    ...[push2(dataLength(data)), push2(at), "0x8239"],
    ...["0x60006000", push2(dataLength(data)), "0x8373", to, "0x5afa"],
    ...["0x8152", "0x3d8160200152", "0x3d6000826040013e", "0x3d01604001"],
  ]);

/** Each call after the other, then RETURN of all (PUSH1 0, RETURN), then the inputs. */
function constructorOf(calls: readonly Call[]): string {
  const begin = "0x6000";
  const end = "0x6000f3";
  const size = calls.reduce((sum, call) => sum + dataLength(making(call, 0)), dataLength(begin) + dataLength(end));
  let at = size;
  const parts = calls.map((call) => {
    const part = making(call, at);
    at += dataLength(call.data);
    return part;
  });
  return concat([begin, ...parts, end, ...calls.map(({ data }) => data)]);
}

const push2 = (value: number): string => concat(["0x61", toBeHex(value, 2)]);

/** What each call came to, undefined for one that failed; undefined for all where it is nothing that the constructor gives. */
function answersIn(given: unknown, count: number): (string | undefined)[] | undefined {
  if (!isHexString(given, true)) return undefined;
  const length = dataLength(given);
  const answers: (string | undefined)[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 2 * WORD > length) return undefined;
    const [succeeded, size] = [dataSlice(given, at, at + WORD), dataSlice(given, at + WORD, at + 2 * WORD)].map(BigInt);
    at += 2 * WORD;
    if (succeeded! > 1n || size! > BigInt(length - at)) return undefined;
    const end = at + toNumber(size!);
    answers.push(succeeded === 1n ? dataSlice(given, at, end) : undefined);
    at = end;
  }
  return at === length ? answers : undefined;
}
