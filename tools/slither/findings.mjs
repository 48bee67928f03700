/** Slither's findings by name, and the page that explains them. */

/**
 * @typedef {{ type: string, name: string, source_mapping: { filename_relative: string },
 *   type_specific_fields?: { parent?: Element } }} Element
 * @typedef {{ check: string, description: string, elements: Element[] }} Detected
 * @typedef {{ key: string, text: string }} Finding
 */

/**
 * What concerns the project's own contracts; packages have authors of their own.
 *
 * @param {Detected[]} detected
 * @returns {Finding[]} one for each detector and place, however often it is found there.
 */
export function findings(detected) {
  const byKey = new Map();
  for (const { check, description, elements } of detected) {
    const own = elements.find(({ source_mapping }) => source_mapping.filename_relative.startsWith("contracts/"));
    if (own === undefined) continue;
    const key = `${check} ${placeOf(own)}`;
    byKey.set(key, { key, text: `${byKey.get(key)?.text ?? ""}${description.trim()}` });
  }
  return [...byKey.values()].sort((a, b) => a.key.localeCompare(b.key));
}

/**
 * The rows `| detector | places | why |` of a page.
 *
 * @param {string} page in Markdown; the places are code, separated by anything.
 * @returns {Map<string, string>} why, by detector and place.
 */
export function explanations(page) {
  const explained = new Map();
  for (const [, check, places, why] of page.matchAll(/^\| `([a-z-]+)` \| (.+?) \| (.+) \|$/gm)) {
    for (const [, place] of places.matchAll(/`([^`]+)`/g)) explained.set(`${check} ${place}`, why.trim());
  }
  return explained;
}

/** As `Consents.canView`; what is in a function counts as the function. @param {Element} element @returns {string} */
function placeOf(element) {
  if (element.type === "pragma") return "pragma";
  const names = [];
  for (let one = /** @type {Element | undefined} */ (element); one; one = one.type_specific_fields?.parent) {
    if (one.type === "function" || one.type === "contract") names.unshift(one.name);
  }
  return names.join(".");
}
