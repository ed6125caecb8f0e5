/** A page of a list. */
export type Page<Item> = { data: Item[]; next_cursor: string | null };

/**
 * A call of a list: awaited, it gives a page; iterated (`for await`), every item of this page and of those that follow,
 * each page when it is needed.
 */
export class ListCall<Item, P extends Page<Item> = Page<Item>> implements PromiseLike<P>, AsyncIterable<Item> {
  readonly #load: (cursor: string | undefined) => Promise<P>;
  constructor(load: (cursor: string | undefined) => Promise<P>) {
    this.#load = load;
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting a list gives its first page.
  then<A = P, B = never>(
    onPage?: ((page: P) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#load(undefined).then(onPage, onError);
  }

  /** Page by page. */
  async *pages(): AsyncGenerator<P> {
    for (let cursor: string | undefined; ; ) {
      const page = await this.#load(cursor);
      yield page;
      if (page.next_cursor === null) return;
      cursor = page.next_cursor;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    for await (const page of this.pages()) yield* page.data;
  }
}
