type PagerProps = {
  path: string;
  /** The filters in use. */
  query: Record<string, string>;
  isFirstPage: boolean;
  nextCursor: string | null;
};

/** Links to the newest page and to the next older one. */
export function Pager({ path, query, isFirstPage, nextCursor }: PagerProps) {
  if (nextCursor === null && isFirstPage) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {!isFirstPage && <PageLink path={path} query={query} text="Newest" />}
      {nextCursor !== null && <PageLink path={path} query={{ ...query, cursor: nextCursor }} text="Older" />}
    </nav>
  );
}

function PageLink({ path, query, text }: { path: string; query: Record<string, string>; text: string }) {
  return (
    <a class="button" href={`${path}?${new URLSearchParams(query)}`}>
      {text}
    </a>
  );
}
