/** What docs/reference/errors.md says about one code, in Markdown. */
export interface Explanation {
  /** What has gone wrong when it is thrown, and which details it carries. */
  why: string;
  /** What to do about it. */
  fix: string;
}

export type Explanations = Readonly<Record<string, Explanation>>;
