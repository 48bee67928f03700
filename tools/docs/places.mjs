/** Where the documentation is put together, from the root of the project; git ignores all of it. */
export const PAGES = ".cache/docs/pages";
export const SITE = ".cache/docs/site";
