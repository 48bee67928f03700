import type { Block } from "ethers";

import type { ContractTable } from "./chain/contracts.js";
import type { Question } from "./consent/question.js";
import type { SignedSubject } from "./handover/signed/action.js";
import type { Purpose } from "./vocabulary.js";

/** The blocks that a decision is about: the newest one, and the newest that is final. */
export interface DecisionBlocks {
  head: Block;
  final: Block;
}

/** What a module knows that a grant doesn't say: whether keys have to wait although the contracts say yes. */
export interface HoldBack<Ctx = never> {
  /** Of which purposes it knows that. */
  readonly purposes: readonly Purpose[];
  /** Why it may say no, and what to do about each. */
  readonly reasons: Readonly<Record<string, string>>;
  /**
   * Asks one node, whose answers are in `view`.
   *
   * @returns one of the reasons; undefined when nothing speaks against a release
   */
  readonly refusal: (view: Ctx, question: Question, blocks: DecisionBlocks) => Promise<string | undefined>;
}

/** What is handed to `createClient` beside the core: it asks the core and changes nothing in it. */
export interface Module {
  /** Told in errors. */
  readonly name: string;
  /** By their names in the deployment. Two modules may bring the same one. */
  readonly contracts?: ContractTable;
  /** Its verbs, bound to the client like the core's. */
  readonly actions?: Readonly<Record<string, (ctx: never, ...input: never[]) => unknown>>;
  /** What is signed for it by one and relayed by another. */
  readonly signed?: SignedSubject;
  /** Kinds of its files in which key documents travel: those that are answered, or released upon. */
  readonly carrying?: readonly string[];
  /** Where it has a say in what is released. */
  readonly holdBack?: HoldBack;
}
