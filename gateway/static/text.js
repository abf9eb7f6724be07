// Text from the server made into nodes. Nothing is ever parsed as HTML: what is not on this short list stays text.
//
//   **bold**     a link: https://…     a line that begins with "- "     [1]: the first source

const PARTS = /\*\*(?<bold>[^*\n]+)\*\*|(?<link>https?:\/\/[^\s<>"'，。；！？、（）]+[^\s<>"'，。；！？、（）.,;:!?)])|\[(?<source>\d{1,2})\]/g;

/** A fragment of `text`; `sourceOf(n)` gives a node for the n-th source, or nothing. */
export function rich(text, sourceOf = () => null) {
  const fragment = document.createDocumentFragment();
  const lines = text.replace(/^- /gm, "• ").trim();
  let end = 0;
  for (const match of lines.matchAll(PARTS)) {
    fragment.append(lines.slice(end, match.index), part(match, sourceOf));
    end = match.index + match[0].length;
  }
  fragment.append(lines.slice(end));
  return fragment;
}

function part(match, sourceOf) {
  const { bold, link, source } = match.groups;
  if (bold) return Object.assign(document.createElement("strong"), { textContent: bold });
  if (link) {
    return Object.assign(document.createElement("a"), {
      href: link, textContent: link, target: "_blank", rel: "noopener noreferrer",
    });
  }
  return sourceOf(Number(source)) ?? match[0];
}
