import { visibleText } from "./visible-text.ts";

const hexBytesMax = 2048;
const textCharsMax = 65_536;

/** A text that one click selects as a whole. */
export function CopyText({ children }: { children: string }) {
  return (
    <code class="copy" tabindex={0}>
      {children}
    </code>
  );
}

/** Text of foreign origin, with invisible characters escaped. */
export function CodeBlock({ children }: { children: string }) {
  return <pre tabindex={0}>{visibleText(children)}</pre>;
}

/** A value as indented JSON. */
export function JsonBlock({ value }: { value: unknown }) {
  return <CodeBlock>{JSON.stringify(value, null, 2) ?? ""}</CodeBlock>;
}

/** Bytes of foreign origin: as text if they are valid UTF-8, otherwise as hexadecimal digits. */
export function BytesBlock({ bytes }: { bytes: Buffer }) {
  const text = utf8TextOf(bytes);
  if (text === null) {
    const shown = bytes.subarray(0, hexBytesMax);
    return (
      <>
        <p class="note">
          Not text: the first {shown.length} of {bytes.length} bytes.
        </p>
        <CodeBlock>{shown.toString("hex").replace(/(.{64})/g, "$1\n")}</CodeBlock>
      </>
    );
  }
  return (
    <>
      <CodeBlock>{text.slice(0, textCharsMax)}</CodeBlock>
      {text.length > textCharsMax && <p class="note">Shortened. The API returns the whole body.</p>}
    </>
  );
}

function utf8TextOf(bytes: Buffer): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
