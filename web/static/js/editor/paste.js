// What is pasted from Word or a web page becomes Markdown. The browser parses it into a
// document of its own, in which no script runs and nothing is fetched; only words are taken.

import { answer, announce, insert, insertBlock } from "./text.js";

const SKIPPED = new Set(
  "SCRIPT STYLE HEAD META LINK TITLE TEMPLATE OBJECT EMBED IFRAME NOSCRIPT SVG MATH BUTTON INPUT SELECT TEXTAREA".split(" "),
);
const BLOCKS = new Set("P DIV SECTION ARTICLE HEADER FOOTER MAIN ASIDE FIGURE DL DT DD ADDRESS CENTER FORM".split(" "));
const LONGEST = 400_000; // characters of HTML; more is pasted as plain text

const escaped = (text) => text.replace(/[\\`*[\]<|]/g, "\\$&");

export function toMarkdown(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const found = { pictures: 0 };
  const text = block(parsed.body, found)
    .replace(/[ \t]+\n/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
  return { text, pictures: found.pictures };
}

function block(node, found) {
  let out = "";
  let line = "";
  let wordList = false;
  const flush = () => {
    if (line.trim()) out += `${line.trim()}\n\n`;
    line = "";
  };
  for (const child of node.childNodes) {
    const name = child.nodeName.toUpperCase();
    if (!isBlock(child, name)) {
      line += inline(child, found);
      continue;
    }
    flush();
    const listed = /^[HP]/.test(name) ? wordItem(child) : null;
    if (wordList && listed === null) out += "\n";
    wordList = listed !== null;
    if (listed !== null) out += `${listed}\n`;
    else out += element(child, name, found);
  }
  flush();
  return out;
}

function isBlock(node, name) {
  if (node.nodeType !== Node.ELEMENT_NODE || SKIPPED.has(name)) return false;
  if (BLOCKS.has(name) || /^(H[1-6]|UL|OL|TABLE|HR|BLOCKQUOTE|PRE)$/.test(name)) return true;
  return Boolean(node.querySelector("p, div, ul, ol, table, h1, h2, h3, h4, h5, h6"));
}

function element(node, name, found) {
  if (/^H[1-6]$/.test(name)) {
    const title = inline(node, found).replace(/\*\*/g, "").replace(/\s+/g, " ").trim();
    return title ? `### ${title}\n\n` : "";
  }
  if (name === "UL" || name === "OL") return `${list(node, name === "OL", "", found)}\n`;
  if (name === "TABLE") return table(node, found);
  if (name === "HR") return "\n";
  return block(node, found);
}

// Word's lists are paragraphs: the mark is text in a span of its own, or a dot at the start.
function wordItem(node) {
  const found = { pictures: 0 };
  const ignored = node.querySelector('[style*="mso-list:Ignore" i], [style*="mso-list: Ignore" i]');
  if (ignored) {
    const number = ignored.textContent.trim().match(/^(\d{1,3})/);
    ignored.remove();
    return `${number ? `${number[1]}.` : "-"} ${inline(node, found).replace(/\s+/g, " ").trim()}`;
  }
  const text = inline(node, found).replace(/\s+/g, " ").trim();
  const dotted = text.match(/^[·•●▪◦■]\s*(.+)$/);
  return dotted ? `- ${dotted[1]}` : null;
}

function list(node, ordered, indent, found) {
  let out = "";
  let number = Number(node.getAttribute("start")) || 1;
  for (const item of node.children) {
    const name = item.nodeName.toUpperCase();
    if (name === "UL" || name === "OL") {
      out += list(item, name === "OL", `${indent}   `, found);
      continue;
    }
    if (name !== "LI") continue;
    const own = [...item.childNodes].filter((one) => !/^[UO]L$/i.test(one.nodeName));
    const words = own.map((one) => inline(one, found)).join("").replace(/\s+/g, " ").trim();
    out += `${indent}${ordered ? `${number++}.` : "-"} ${words}\n`;
    for (const inner of item.querySelectorAll(":scope > ul, :scope > ol")) {
      out += list(inner, /^OL$/i.test(inner.nodeName), `${indent}   `, found);
    }
  }
  return out;
}

function table(node, found) {
  const rows = [...node.rows].slice(0, 200).map((row) =>
    [...row.cells].flatMap((cell) => {
      const text = inline(cell, found).replace(/\s+/g, " ").trim();
      return [text, ...Array(Math.min(cell.colSpan, 12) - 1).fill("")];
    }),
  );
  const filled = rows.filter((cells) => cells.some(Boolean));
  if (!filled.length) return "";
  const width = Math.max(...filled.map((cells) => cells.length));
  if (width === 1) return `${filled.map(([cell]) => cell).join("\n\n")}\n\n`;
  const line = (cells) => `| ${[...cells, ...Array(width - cells.length).fill("")].join(" | ")} |`;
  const [head, ...rest] = filled;
  return `${[line(head), line(Array(width).fill("---")), ...rest.map(line)].join("\n")}\n\n`;
}

function inline(node, found) {
  if (node.nodeType === Node.TEXT_NODE) return escaped(node.data.replace(/[\s\u00a0]+/g, " "));
  const name = node.nodeName.toUpperCase();
  if (node.nodeType !== Node.ELEMENT_NODE || SKIPPED.has(name)) return "";
  if (name === "BR") return "\n";
  if (name === "IMG" || name === "V:IMAGEDATA") {
    found.pictures += 1;
    return "";
  }
  const words = [...node.childNodes].map((one) => inline(one, found)).join("");
  const edge = /^(P|DIV|LI|TD|TH|TR)$/.test(name) ? " " : "";
  if (!words.trim()) return words + edge;
  if (isBold(node, name) && !words.includes("**")) return words.replace(/^(\s*)([^]*?)(\s*)$/, "$1**$2**$3");
  if (name === "A") return linked(node, words);
  return words + edge;
}

// The attribute is read: under the site's policy the parsed document applies no styles.
function isBold(node, name) {
  const [, weight = ""] = /font-weight:\s*(\w+)/i.exec(node.getAttribute("style") ?? "") ?? [];
  if (name === "B" || name === "STRONG") return !/^(normal|400)$/i.test(weight);
  return name === "SPAN" && /^(bold|[6-9]00)$/i.test(weight);
}

function linked(node, words) {
  const address = (node.getAttribute("href") ?? "").trim();
  if (!/^(https?:\/\/|tel:|mailto:)/i.test(address)) return words;
  const safe = address.replace(/[\s<>]/g, encodeURIComponent).replace(/\(/g, "%28").replace(/\)/g, "%29");
  return `[${words.replace(/\s+/g, " ").trim()}](${safe})`;
}

export function wirePaste() {
  let plain = false; // Ctrl+Shift+V asks for the words alone
  answer.addEventListener("keydown", (event) => {
    plain = (event.ctrlKey || event.metaKey) && event.shiftKey && event.key.toLowerCase() === "v";
  });
  answer.addEventListener("paste", (event) => {
    const html = event.clipboardData?.getData("text/html") ?? "";
    if (plain || !html || html.length > LONGEST) return;
    const { text, pictures } = toMarkdown(html);
    if (!text && !pictures) return;
    event.preventDefault();
    const room = answer.maxLength - answer.value.length + (answer.selectionEnd - answer.selectionStart);
    const fits = text.slice(0, Math.max(0, room));
    if (fits) (/\n|^(#|-|\d+\.|\|) ?/.test(fits) ? insertBlock : insert)(fits);
    const notes = [];
    if (fits.length < text.length) notes.push(`答案最多 ${answer.maxLength} 字，后面 ${text.length - fits.length} 字没有贴进来。`);
    if (pictures) notes.push(`有 ${pictures} 张图片没有贴进来，请用“图片”按钮上传。`);
    tell(notes.length ? notes.join("") : "已转成文字格式，请看一眼预览。");
  });
}

function tell(text) {
  let place = document.getElementById("pasted");
  if (!place) {
    place = document.createElement("p");
    place.id = "pasted";
    place.className = "help";
    answer.after(place);
  }
  place.textContent = text;
  announce(text);
}
