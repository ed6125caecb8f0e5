/** A link to the page of one thing. Shows the end of its id: ids made within the same hour begin alike. */
export function IdLink({ section, id }: { section: string; id: string }) {
  return (
    <a class="id" href={`/console/${section}/${encodeURIComponent(id)}`} title={id}>
      {id.length > 16 ? `…${id.slice(-8)}` : id}
    </a>
  );
}

/** Links to several things, or nothing. */
export function IdLinks({ section, ids }: { section: string; ids: string[] }) {
  return (
    <>
      {ids.map(id => (
        <>
          <IdLink section={section} id={id} />{" "}
        </>
      ))}
    </>
  );
}
