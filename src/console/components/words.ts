/** A name of the API as words: `stk_push` is shown as `stk push`. */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}
