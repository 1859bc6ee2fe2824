// Beside the field of similar questions: add what citizens asked, and see what others hold already.

const root = document.querySelector("[data-wording]");
const similar = document.getElementById("similar_questions");
const standard = document.getElementById("standard_question");
const region = document.getElementById("region");
const code = root?.dataset.wording ?? "";
const told = root?.querySelector("[data-told]");
const WAIT = 400;

function send(path, fields) {
  const body = new URLSearchParams({ csrf_token: root.dataset.token, ...fields });
  return fetch(path, { method: "POST", body }).catch(() => null);
}

async function suggest() {
  const place = root.querySelector("[data-suggested]");
  const address = `/department/wording/suggested/${encodeURIComponent(code)}`;
  const response = await fetch(address).catch(() => null);
  if (!response?.ok || response.redirected) return;
  place.innerHTML = await response.text();
  similar.closest(".field").after(root);
  place.addEventListener("click", (event) => {
    const item = event.target.closest("li[data-text]");
    if (!item) return;
    if (event.target.closest("[data-add]")) {
      add(item.dataset.text);
      told.textContent = `已加入相似问：${item.dataset.text}。保存后生效。`;
    } else if (event.target.closest("[data-dismiss]")) {
      send(`${address}/dismiss`, { text: item.dataset.text });
      told.textContent = `不再建议：${item.dataset.text}`;
    } else {
      return;
    }
    const next = (item.nextElementSibling ?? item.previousElementSibling)?.querySelector("button");
    item.remove();
    (next ?? similar).focus();
    if (!next) place.replaceChildren();
  });
}

function add(text) {
  const before = similar.value.replace(/\s+$/, "");
  similar.value = before ? `${before}\n${text}` : text;
  similar.dispatchEvent(new Event("input", { bubbles: true }));
}

// The line in which one types, or the whole of a field with one line.
function typed(field) {
  if (field !== similar) return field.value.trim();
  const start = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const end = field.value.indexOf("\n", start);
  return field.value.slice(start, end < 0 ? undefined : end).trim();
}

function watch(field) {
  const place = document.createElement("div");
  place.className = "twins";
  place.id = `${field.id}-twins`;
  place.setAttribute("role", "status");
  field.after(place);
  const described = field.getAttribute("aria-describedby");
  field.setAttribute("aria-describedby", described ? `${described} ${place.id}` : place.id);
  let timer = null;
  let newest = 0;
  let asked = "";
  async function look() {
    const text = typed(field);
    if (text === asked) return;
    asked = text;
    const mine = ++newest;
    if (text.length < 3) return place.replaceChildren();
    const response = await send("/department/wording/duplicates", {
      text,
      code,
      region: region?.value ?? "",
    });
    if (mine !== newest) return; // a newer question is on its way: this answer is late
    if (!response?.ok || response.redirected) {
      asked = "";
      return place.replaceChildren();
    }
    const found = (await response.json()).duplicates;
    if (mine === newest) place.replaceChildren(...found.map((one) => line(text, one)));
  }
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT);
  });
}

function line(text, one) {
  const said = document.createElement("p");
  const link = document.createElement("a");
  link.href = `/department/entries/${encodeURIComponent(one.code)}`;
  link.target = "_blank";
  link.rel = "noopener";
  link.textContent = `《${one.question}》`;
  const kind = one.phrasing === one.question ? "标准问" : "相似问";
  said.append(`“${text}”与`, link, `（${one.department}）的${kind}${one.words}`);
  if (one.phrasing !== one.question) said.append(`：“${one.phrasing}”`);
  return said;
}

if (root && similar && standard) {
  watch(standard);
  watch(similar);
  if (code) suggest();
}
