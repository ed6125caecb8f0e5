/** Colours by meaning, for light and dark screens. */
export const theme = `
:root {
  color-scheme: light dark;
  --text: #16211d;
  --muted: #5c6b65;
  --line: #dfe6e2;
  --page: #f6f8f7;
  --card: #fff;
  --accent: #0b7a53;
  --success: #0b7a53;
  --danger: #b3261e;
  --warning: #8a5a00;
  --info: #3b5bbd;
  --success-bg: #e2f4ec;
  --danger-bg: #fbe7e5;
  --warning-bg: #fbf0d9;
  --info-bg: #e6ecfb;
  --neutral-bg: #ebefed;
}

@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6ece9;
    --muted: #9aaaa3;
    --line: #2a3531;
    --page: #101614;
    --card: #18201d;
    --accent: #4cc79a;
    --success: #5dd3a8;
    --danger: #ff9a92;
    --warning: #f0c265;
    --info: #9db4ff;
    --success-bg: #12352a;
    --danger-bg: #42201d;
    --warning-bg: #3a2d10;
    --info-bg: #1f2a4d;
    --neutral-bg: #232d29;
  }
}
`;
