/** A node or service as it may be shown: path, query and name in its URL may be an access key. */
export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : "at an unusable URL");
