/** Words that say "secret" wherever they stand in a name. */
const secretWords = new Set([
  "password",
  "passwd",
  "passphrase",
  "pwd",
  "secret",
  "credential",
  "credentials",
]);
/** Words that make the key after them a secret one. */
const keyWords = new Set(
  "access account admin api auth encryption hmac jwt master private root secret service sign signing ssh".split(
    " ",
  ),
);
/** Tokens of models, not of users. */
const textTokens = new Set(
  "bos cls end eos first image last mask max min new next num output pad per sep special start stop unk".split(
    " ",
  ),
);
/** Ends of names whose value is about a secret, and none. */
const aboutSecrets = new Set(
  "algorithm arn dir enabled expiry field file folder header length limit name path prefix required ttl type variable".split(
    " ",
  ),
);
/** What is written without separators. */
const joined =
  /(password|passwd|secret|credentials|(api|access|secret|private)key|(auth|access|hf|hub|bearer)token)$/;

/** True for a name that tells that its value is a secret: `DB_PASSWORD`, `hf-token`, `apiKey`; not for `MAX_TOKENS`. */
export function namesSecret(name: string): boolean {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter(Boolean);
  const last = words.at(-1);
  if (last === undefined || aboutSecrets.has(last)) return false;
  return words.some((word, index) => {
    const before = words[index - 1] ?? "";
    if (secretWords.has(word) || joined.test(word)) return true;
    if (word === "key" || word === "keys") return keyWords.has(before);
    return word === "token" && index === words.length - 1 && !textTokens.has(before);
  });
}

/** Values that stand for no secret whatever their name says. */
const noSecret = /^(|true|false|yes|no|on|off|EMPTY|none|null)$/i;

/** True for a value that can be a secret. */
export function maySecret(value: string): boolean {
  return !noSecret.test(value.trim());
}

const tokens: [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
  [/\bhf_[A-Za-z0-9]{16,}/, "a Hugging Face token"],
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/, "an AWS access key"],
  [/\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,})/, "a token of a Git host"],
  [/\bsk-[\w-]{20,}/, "an API key"],
  [/\bnvapi-[\w-]{20,}/, "an NGC key"],
  [/\bxox[abeoprs]-[\w-]{10,}/, "a Slack token"],
  [/\bAIza[\w-]{30,}/, "a Google API key"],
  [/\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+/, "a JSON web token"],
  [/\b[Bb]earer\s+[\w.~+/-]{16,}/, "a bearer token"],
  // A name before the @ can be a token by itself; elsewhere it takes a password.
  [/\bhttps?:\/\/[^\s/?#@]+@/i, "credentials in a URL"],
  [/\b[a-z][a-z\d+.-]*:\/\/[^\s/?#@:]*:[^\s/?#@]+@/i, "credentials in a URL"],
  [/[?&](api[_-]?key|(access_?)?token|password|secret|sig|X-Amz-Signature)=[^&\s]+/i, "a secret in a URL"],
];

/** Which secret stands in a text, in words; undefined for none that is known by its form. */
export function secretIn(text: string): string | undefined {
  return tokens.find(([form]) => form.test(text))?.[1];
}
