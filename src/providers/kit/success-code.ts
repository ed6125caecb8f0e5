/**
 * Whether a code says that a call was taken: `0`, and any other run of zeros. Daraja's own calls differ (`0`,
 * `00000000`), and implementations of its interface answer `000000` [seen].
 */
export function isZeroCode(code: string | null): boolean {
  return code !== null && /^0{1,20}$/.test(code);
}
