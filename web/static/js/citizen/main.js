// The citizen's page: one conversation, the question in, the answer card out.

import { clear, forget, history, leaveNote, send } from "./api.js";
import { botSaid, citizenSaid } from "./render.js";
import { suggestFor } from "./suggestions.js";

const $ = (id) => document.getElementById(id);
const input = $("question");
const log = $("log");
const state = $("state");
const person = $("person");
const longest = Number(input.dataset.longest);
const DRAFT = "hotline-draft";

let sending = false;

function tell(text, bad = false) {
  state.textContent = text;
  state.classList.toggle("bad", bad);
}

function add(node, focusTop = false) {
  document.body.classList.add("talking");
  log.append(node);
  node.scrollIntoView({ block: focusTop ? "start" : "end", behavior: "auto" });
}

function grow() {
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight + 2, window.innerHeight * 0.3)}px`;
  const length = [...input.value.trim()].length;
  const count = $("count");
  const over = length > longest;
  count.classList.toggle("bad", over);
  count.textContent =
    length > longest * 0.8 ? `${length} / ${longest} 字${over ? "，请缩短或分几次发送" : ""}` : "";
  sessionStorage.setItem(DRAFT, input.value);
}

function write(text) {
  input.value = text;
  grow();
}

const openPerson = () => {
  person.showModal();
  $("person-title").focus();
};

const tools = { ask: (text) => submit(text), openPerson };

const seen = new Set();

function show(message) {
  seen.add(message.id);
  if (message.from === "citizen") add(citizenSaid(message.text));
  else add(botSaid(message, tools), message.decision === "answer");
}

let again = null; // what failed to go out, so that sending it again is not a second message

async function submit(text) {
  const question = text.trim();
  if (sending) return;
  if (!question) {
    tell("请输入您的问题");
    input.focus();
    return;
  }
  if ([...question].length > longest) {
    tell(`一次最多 ${longest} 个字，请缩短或分几次发送。`, true);
    input.focus();
    return;
  }
  sending = true;
  closeSuggestions();
  const clientId = again?.text === question ? again.clientId : crypto.randomUUID?.() ?? freshId();
  again?.bubble.remove();
  const bubble = citizenSaid(question);
  bubble.classList.add("unsent");
  add(bubble);
  if (input.value.trim() === question) write("");
  tell("正在查找…");
  try {
    const { messages } = await send(question, clientId);
    again = null;
    bubble.classList.remove("unsent");
    tell("");
    messages.forEach(show);
    if (messages.some((message) => message.asked)) bubble.scrollIntoView({ block: "start" });
  } catch (error) {
    again = { text: question, clientId, bubble };
    if (!input.value) write(question);
    tell(error.message, true);
  } finally {
    sending = false;
    if (!person.open) input.focus({ preventScroll: true });
  }
}

// crypto.randomUUID is there only over HTTPS and on localhost; a closed network may use HTTP.
function freshId() {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

const closeSuggestions = suggestFor(input, $("suggestions"), (question) => submit(question));

input.addEventListener("input", grow);
input.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit(input.value);
  }
});
$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  submit(input.value);
});
document.querySelectorAll("[data-ask]").forEach((button) =>
  button.addEventListener("click", () => submit(button.dataset.ask)),
);

$("elder-switch").addEventListener("click", (event) => {
  event.preventDefault();
  const elder = document.documentElement.dataset.view !== "elder";
  document.documentElement.dataset.view = elder ? "elder" : "standard";
  event.currentTarget.setAttribute("aria-pressed", String(elder));
  document.cookie = `view=${elder ? "elder" : "standard"}; max-age=31536000; path=/; samesite=lax`;
  grow();
});
$("elder-switch").addEventListener("keydown", (event) => {
  if (event.key === " ") {
    event.preventDefault();
    event.currentTarget.click();
  }
});

$("person-open").addEventListener("click", (event) => {
  event.preventDefault();
  openPerson();
});
$("person-close").addEventListener("click", () => person.close());
person.addEventListener("close", () => input.focus({ preventScroll: true }));

$("note").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const fields = { text: form.elements.text, contact: form.elements.contact };
  const mark = (name, text) => {
    $(`note-${name}-error`).textContent = text;
    fields[name].setAttribute("aria-invalid", String(Boolean(text)));
  };
  mark("text", "");
  mark("contact", "");
  $("note-done").textContent = "";
  try {
    await leaveNote(fields.text.value, fields.contact.value);
    form.reset();
    $("note-done").textContent = "留言已收到，工作人员会按您留的电话联系您。";
  } catch (error) {
    Object.entries(error.fields || {}).forEach(([name, text]) => name in fields && mark(name, text));
    if (!Object.keys(error.fields || {}).length) $("note-done").textContent = error.message;
    else fields[Object.keys(error.fields)[0]]?.focus();
  }
});

$("clear").addEventListener("click", async () => {
  try {
    await clear();
  } catch (error) {
    if (error.status !== 404) return tell(error.message, true);
    forget();
  }
  log.replaceChildren();
  document.body.classList.remove("talking");
  sessionStorage.removeItem(DRAFT);
  person.close();
  tell("对话记录已清除。");
});

window.addEventListener("offline", () => tell("网络断开了。您可以先写好，网络恢复后再发送。", true));
window.addEventListener("online", () => tell("网络恢复了。"));

log.setAttribute("aria-live", "off"); // what was said before is not read out again
const said = await history();
if (!sending) said.forEach(show);
log.setAttribute("aria-live", "polite");
write(sessionStorage.getItem(DRAFT) || "");

// What the hotline tells unasked, such as the outcome of a correction, is there on coming back.
document.addEventListener("visibilitychange", async () => {
  if (document.hidden || sending) return;
  const news = (await history()).filter(({ id, from }) => from === "bot" && !seen.has(id));
  if (!sending) news.forEach(show);
});
if (window.matchMedia("(hover: hover)").matches) input.focus({ preventScroll: true });
