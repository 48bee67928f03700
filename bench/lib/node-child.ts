import { startNode } from "../../devnet/published.js";

// A node in a process of its own, so that its work isn't counted as the program's that asks it. It ends with its parent.
const node = await startNode();
process.send!(node.url);
process.on("disconnect", () => void node.close().then(() => process.exit()));
