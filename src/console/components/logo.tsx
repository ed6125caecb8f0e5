/** The logo within a page, coloured by the style sheet. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 24 24" aria-hidden="true" width="22" height="22">
      <path d={shield} />
      <path class="tick" d={tick} />
    </svg>
  );
}

const shield = "M12 2 3 6v6c0 5 4 9 9 10 5-1 9-5 9-10V6z";
const tick = "m8 12 3 3 5-6";

/** The logo as a file of its own, for the tab of the browser. */
export const faviconSvg = String(
  <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" aria-hidden="true">
    <path fill="#0b7a53" d={shield} />
    <path fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round" d={tick} />
  </svg>,
);
