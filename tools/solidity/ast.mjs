/** Walks the syntax tree that the compiler gives; its positions are bytes, not characters. */

/**
 * A node as the compiler describes it, with its position read.
 *
 * @typedef {Record<string, any> & { nodeType: string, start: number, end: number }} Node
 */

/**
 * Visits every node below one, parents first.
 *
 * @param {any} tree
 * @param {(node: Node, parents: Node[]) => void} visit
 * @param {Node[]} [parents]
 */
export function walk(tree, visit, parents = []) {
  if (Array.isArray(tree)) for (const item of tree) walk(item, visit, parents);
  if (tree === null || typeof tree !== "object" || Array.isArray(tree)) return;
  if (typeof tree.nodeType !== "string") return;

  place(tree);
  for (const child of Object.values(tree)) if (child !== null && typeof child === "object") placeAll(child);
  visit(tree, parents);
  for (const child of Object.values(tree)) {
    if (child !== null && typeof child === "object") walk(child, visit, [...parents, tree]);
  }
}

/** @param {any} child */
function placeAll(child) {
  for (const item of Array.isArray(child) ? child : [child]) {
    if (item !== null && typeof item === "object" && typeof item.nodeType === "string") place(item);
  }
}

/** @param {any} node */
function place(node) {
  const [start, length] = String(node.src).split(":").map(Number);
  node.start = start;
  node.end = start + length;
}
