// Examine what is being written, without saving it.

const button = document.querySelector("[data-check]");
const place = document.querySelector("[data-check-result]");
const status = document.querySelector("[data-check-status]");
const form = document.querySelector("form[data-guard]");

if (button && form) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    status.textContent = "正在检查，一般几秒钟……";
    const body = new FormData(form);
    body.delete("action");
    body.set("code", button.dataset.code);
    const response = await fetch(button.dataset.check, { method: "POST", body }).catch(() => null);
    button.disabled = false;
    if (!response || response.redirected || ![200, 422].includes(response.status)) {
      status.textContent = "没有检查成：网络不通或登录已过期，请刷新页面再试。您写的内容还在。";
      return;
    }
    place.innerHTML = await response.text();
    status.textContent = response.ok ? "检查好了，结果在下面。" : "";
  });
}
