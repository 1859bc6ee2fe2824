// Keeps what is being typed on the server, for this person alone, and offers it on reopening.

const WAIT = 5000;
const AGAIN = 15000;
const PATH = "/department/autosave";

export function wireAutosave(form) {
  const subject = form.dataset.editor;
  const state = form.querySelector("[data-autosave-state]");
  const offer = document.querySelector("[data-autosave-offer]");
  const lost = document.querySelector("[data-lost-session]").content;
  const trouble = document.createElement("p");
  trouble.className = "unseen";
  trouble.setAttribute("role", "status");
  state.after(trouble);
  let timer = null;
  let running = null;
  let paused = false;
  let sending = false;
  let stored = snapshot();

  function snapshot() {
    const body = new URLSearchParams(new FormData(form));
    body.set("subject", subject);
    return body;
  }

  function tell(text, bad = "", ...more) {
    state.replaceChildren(text, ...more);
    state.classList.toggle("bad", Boolean(bad));
    if (trouble.textContent !== bad) trouble.textContent = bad;
  }

  function later(wait = WAIT) {
    clearTimeout(timer);
    if (!paused && !sending) timer = setTimeout(save, wait);
  }

  async function save() {
    if (paused || sending) return;
    if (running) return later();
    const body = snapshot();
    if (String(body) === String(stored)) return;
    running = new AbortController();
    const response = await fetch(PATH, { method: "POST", body, signal: running.signal }).catch(() => null);
    running = null;
    if (sending) return;
    const said = response?.redirected ? null : await response?.json().catch(() => null);
    if (response?.ok && said) {
      stored = body;
      tell(`已自动保存 ${said.at}`);
      return String(snapshot()) === String(stored) ? undefined : later();
    }
    if (response?.redirected) {
      tell("登录已过期，没有自动保存：请", "登录已过期，没有自动保存", lost.cloneNode(true), "，再回来接着写");
    } else if (said?.detail) tell(said.detail, said.detail);
    else if (response) tell("没有自动保存，请点“保存草稿”", "没有自动保存");
    else tell("没有连上，连上后会自动保存", "没有连上，连上后会自动保存");
    later(AGAIN);
  }

  async function look() {
    const address = `${PATH}?subject=${encodeURIComponent(subject)}`;
    const response = await fetch(address).catch(() => null);
    // What was kept before must not be overwritten unseen: first it has to be read.
    if (!response?.ok || response.redirected) {
      tell("没有连上，连上后会自动保存");
      return setTimeout(look, AGAIN);
    }
    const { saved } = await response.json();
    if (!saved || same(saved.fields)) {
      paused = false;
      if (state.textContent) tell("");
      return later();
    }
    const [words] = offer.children;
    const older = form.elements.lock_version?.value && Number(form.elements.lock_version.value) !== saved.lock_version;
    words.textContent = `上次 ${saved.at} 没保存的内容：${older ? "（那以后这一条又保存过，恢复后再保存时会列出不同，请对照。）" : ""}`;
    form.before(offer);
    offer.hidden = false;
    tell("先选“恢复”或“丢弃”，再自动保存");
    offer.querySelector("[data-restore]").onclick = () => {
      fill(saved);
      finish(`已恢复 ${saved.at} 的内容，还没有保存`);
      form.dispatchEvent(new Event("input", { bubbles: true }));
    };
    offer.querySelector("[data-discard]").onclick = async () => {
      const body = new URLSearchParams({ subject, csrf_token: form.elements.csrf_token.value });
      await fetch(`${PATH}/discard`, { method: "POST", body }).catch(() => null);
      finish("已丢弃上次没保存的内容");
    };
  }

  function finish(text) {
    paused = false;
    offer.hidden = true;
    document.getElementById("standard_question").focus({ preventScroll: true });
    tell(text, text);
    later();
  }

  const controls = (name) => [...form.elements].filter((one) => one.name === name);
  const plain = (text) => text.replace(/\r\n/g, "\n");

  function same(fields) {
    return Object.entries(fields).every(([name, values]) => {
      const now = snapshot().getAll(name).map(plain);
      return !controls(name).length || JSON.stringify(now) === JSON.stringify(values.map(plain));
    });
  }

  function fill({ fields, lock_version: seen }) {
    for (const [name, values] of Object.entries(fields)) {
      controls(name).forEach((field, index) => {
        if (field.type === "checkbox") field.checked = values.includes(field.value);
        else if (values[index] !== undefined) field.value = values[index];
        field.dispatchEvent(new Event("refill"));
      });
    }
    // Based on an older state: saving shows both texts, as for anybody who was overtaken.
    if (form.elements.lock_version?.value) form.elements.lock_version.value = String(seen);
  }

  form.addEventListener("input", () => later());
  form.addEventListener("change", () => later());
  form.addEventListener("submit", () => {
    sending = true;
    clearTimeout(timer);
    running?.abort();
  });
  window.addEventListener("online", () => later(0));
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) sending = false;
  });
  if (form.dataset.changed !== undefined) {
    stored = new URLSearchParams(); // shown again with what was typed: that is not kept yet
    later();
  } else {
    paused = true;
    look();
  }
}
