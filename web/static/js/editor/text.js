// Puts text into the field of the answer, so that the browser can undo it.

export const answer = document.getElementById("answer");
const told = document.querySelector("[data-editor-told]");

export function announce(text) {
  told.textContent = text;
}

export function insert(text, { start = answer.selectionStart, end = answer.selectionEnd } = {}) {
  answer.focus();
  answer.setSelectionRange(start, end);
  // The old command is the only way that keeps the field's undo history.
  const done = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  if (!done && answer.value.slice(start, start + text.length) !== text) {
    answer.setRangeText(text, start, end, "end");
    answer.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

export function selected() {
  return answer.value.slice(answer.selectionStart, answer.selectionEnd);
}

// The whole lines that the selection touches.
function lines() {
  const start = answer.value.lastIndexOf("\n", answer.selectionStart - 1) + 1;
  const found = answer.value.indexOf("\n", answer.selectionEnd);
  return { start, end: found < 0 ? answer.value.length : found };
}

// Inserts a block with an empty line before and behind it.
export function insertBlock(text) {
  const { selectionStart: start, selectionEnd: end } = answer;
  const before = answer.value.slice(0, start);
  const behind = answer.value.slice(end);
  const lead = !before.trim() ? "" : before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const tail = behind.startsWith("\n\n") ? "" : behind.startsWith("\n") ? "\n" : "\n\n";
  insert(lead + text + tail, { start, end });
}

// Begins each touched line with a mark; takes the marks off where all lines have one.
export function mark(pattern, prefix) {
  const range = lines();
  const rows = answer.value.slice(range.start, range.end).split("\n");
  const marked = rows.every((row) => pattern.test(row));
  const bare = rows.map((row) => row.replace(/^(#{1,6} |[-*] |\d{1,2}[.)] )/, ""));
  const text = marked ? bare.join("\n") : bare.map((row, index) => prefix(index) + row).join("\n");
  insert(text, range);
  answer.setSelectionRange(range.start + (rows.length > 1 ? 0 : text.length), range.start + text.length);
}

export function wrap(sign, placeholder) {
  const { selectionStart: start, selectionEnd: end } = answer;
  const text = selected();
  const around = answer.value.slice(start - sign.length, start) === sign;
  if (text && around && answer.value.slice(end, end + sign.length) === sign) {
    insert(text, { start: start - sign.length, end: end + sign.length });
    return answer.setSelectionRange(start - sign.length, end - sign.length);
  }
  const words = text.trim() || placeholder;
  insert(sign + words + sign);
  const from = answer.selectionEnd - sign.length - words.length;
  answer.setSelectionRange(from, from + words.length);
}
