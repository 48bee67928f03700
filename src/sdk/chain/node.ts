import type { Provider } from "ethers";

import type { Contracts } from "./contracts.js";
import type { EventSource } from "./event-source.js";

/** One node that decisive answers are asked of. */
export interface Node {
  /** Its host and port, as decisions and errors name it: never the path, the query or the credentials of its URL. */
  readonly host: string;
  /** Connects when it is first asked; throws CHAIN_UNREACHABLE and what `checkDeployment` throws. */
  readonly open: () => Promise<{ provider: Provider; contracts: Contracts; events: EventSource }>;
}

/** What one node said, in a word: an answer, or why there is none. */
export interface NodeAnswer {
  host: string;
  said: string;
}
