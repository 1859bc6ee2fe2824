// The buttons above the answer: each inserts Markdown; those that need more ask for it.
// What an asking returns is a field that is wrong, or the insertion that is to be made.

import { answer, announce, insert, insertBlock, mark, selected, wrap } from "./text.js";

const bar = document.querySelector("[role=toolbar]");
const escaped = (text) => text.replace(/\s+/g, " ").trim().replace(/[\\[\]`*<]/g, "\\$&");
const addressed = (text) => encodeURI(decodeSafely(text)).replace(/[()]/g, (one) => (one === "(" ? "%28" : "%29"));

function decodeSafely(text) {
  try {
    return decodeURI(text);
  } catch {
    return text;
  }
}

const TOOLS = {
  heading: () => mark(/^#{1,6} /, () => "### "),
  bold: () => wrap("**", "要紧的字"),
  bullets: () => mark(/^[-*] /, () => "- "),
  numbers: () => mark(/^\d{1,2}[.)] /, (index) => `${index + 1}. `),
  table: () => ask("table", {}, table),
  link: () => ask("link", { "link-text": selected() }, link),
  phone: () => ask("phone", { phone: selected() }, phone),
  picture: () => ask("picture", {}, picture),
  video: () => ask("video", { "video-title": selected() }, video),
};
const KEYS = { b: "bold", k: "link" };
const SHIFTED = { Digit7: "numbers", Digit8: "bullets" };

function wrong(field, text) {
  return { field, text };
}

function table(fields) {
  const columns = Number(fields.columns.value);
  const rows = Number(fields.rows.value);
  if (!(columns >= 2 && columns <= 6)) return wrong(fields.columns, "列数请填 2 到 6");
  if (!(rows >= 1 && rows <= 20)) return wrong(fields.rows, "行数请填 1 到 20");
  const row = (cells) => `| ${cells.join(" | ")} |`;
  const titles = Array.from({ length: columns }, (_, index) => `列 ${index + 1}`);
  const empty = row(Array(columns).fill("  "));
  return () => insertBlock([row(titles), row(Array(columns).fill("---")), ...Array(rows).fill(empty)].join("\n"));
}

function link(fields) {
  const text = fields["link-text"].value.trim();
  const address = fields["link-address"].value.trim();
  if (!/^https?:\/\/[^\s/]+/i.test(address)) {
    return wrong(fields["link-address"], "网址要以 https:// 或 http:// 开头");
  }
  return () => insert(`[${escaped(text || address)}](${addressed(address)})`);
}

function phone(fields) {
  const number = fields.phone.value.trim();
  const digits = number.replace(/[^\d+]/g, "");
  if (!/^[+\d][\d\s\-()（）转]*$/.test(number) || digits.length < 3 || digits.length > 20) {
    return wrong(fields.phone, "请填电话号码，只用数字和连字符");
  }
  return () => insert(`[${number}](tel:${digits})`);
}

function video(fields) {
  const title = fields["video-title"].value.trim();
  const address = fields["video-address"].value.trim();
  if (!title) return wrong(fields["video-title"], "请写视频的标题");
  if (!/^https:\/\/[^\s/]+/i.test(address)) return wrong(fields["video-address"], "网址要以 https:// 开头");
  return () => insertBlock(`[视频：${escaped(title)}](${addressed(address)})`);
}

async function picture(fields) {
  const [file] = fields["picture-file"].files;
  const alt = fields["picture-alt"].value.trim();
  if (!file) return wrong(fields["picture-file"], "请选择一张图片");
  if (file.size > Number(fields["picture-file"].dataset.bytes)) {
    return wrong(fields["picture-file"], `图片有 ${(file.size / 1e6).toFixed(1)} MB，最多 2 MB，请缩小后再上传`);
  }
  if (!alt) return wrong(fields["picture-alt"], "请写明图上是什么");
  const body = new FormData();
  body.set("csrf_token", answer.form.elements.csrf_token.value);
  body.set("file", file);
  const response = await fetch("/department/pictures", { method: "POST", body }).catch(() => null);
  if (!response) return wrong(fields["picture-file"], "没有连上服务器，请稍后再上传");
  if (response.redirected) return wrong(fields["picture-file"], "登录已过期，请在新窗口登录，再回来上传");
  const said = await response.json().catch(() => ({}));
  if (!response.ok) return wrong(fields["picture-file"], said.detail ?? "没有上传，请换一张图片再试");
  return () => {
    insertBlock(`![${escaped(alt)}](${said.address})`);
    announce("图片已插入。");
  };
}

function ask(name, given, act) {
  const dialog = document.getElementById(`ask-${name}`);
  const form = dialog.querySelector("form");
  const error = dialog.querySelector(".error");
  const range = [answer.selectionStart, answer.selectionEnd];
  form.reset();
  error.textContent = "";
  for (const [field, value] of Object.entries(given)) form.elements[field].value = value;
  form.querySelectorAll("[aria-invalid]").forEach((one) => one.removeAttribute("aria-invalid"));
  form.onsubmit = async (event) => {
    event.preventDefault();
    const button = form.querySelector("[value=insert]");
    if (button.disabled) return;
    button.disabled = true;
    form.querySelectorAll("[aria-invalid]").forEach((one) => one.removeAttribute("aria-invalid"));
    error.textContent = "";
    const outcome = await act(form.elements);
    button.disabled = false;
    if (outcome.field) {
      error.textContent = outcome.text;
      outcome.field.setAttribute("aria-invalid", "true");
      outcome.field.focus();
    } else if (dialog.open) {
      dialog.close(); // the field takes no text while a dialog is above it
      answer.focus();
      answer.setSelectionRange(...range);
      outcome();
    }
  };
  dialog.querySelector("[data-close]").onclick = () => dialog.close();
  dialog.showModal();
}

export function wireToolbar() {
  const buttons = [...bar.querySelectorAll("[data-tool]")];
  bar.hidden = false;
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tool]");
    if (!button) return;
    buttons.forEach((one) => (one.tabIndex = one === button ? 0 : -1));
    TOOLS[button.dataset.tool]();
  });
  bar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    const last = buttons.length - 1;
    const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at ? at - 1 : last, Home: 0, End: last }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    buttons.forEach((one, index) => (one.tabIndex = index === to ? 0 : -1));
    buttons[to].focus();
  });
  answer.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
    const tool = event.shiftKey ? SHIFTED[event.code] : KEYS[event.key.toLowerCase()];
    if (!tool) return;
    event.preventDefault();
    TOOLS[tool]();
  });
}
