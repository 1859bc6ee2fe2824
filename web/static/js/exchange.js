// Shows how far a file is; when it is over, the page is loaded anew with what was found.

const place = document.getElementById("running");
const bar = document.getElementById("bar");
const stage = document.getElementById("stage");
const count = document.getElementById("count");
const told = document.getElementById("told");

async function look() {
  const response = await fetch(place.dataset.progress).catch(() => null);
  if (response?.redirected) {
    location.reload(); // signed out: the page says so
    return;
  }
  if (!response?.ok) {
    told.textContent = "暂时连不上服务，正在重试……";
    setTimeout(look, 5000);
    return;
  }
  const now = await response.json();
  if (!now.running) {
    location.reload();
    return;
  }
  told.textContent = "";
  stage.textContent = now.stage;
  if (now.total) {
    bar.max = now.total;
    bar.value = now.done;
    count.textContent = `${now.done} / ${now.total} 行`;
  } else {
    bar.removeAttribute("value");
    count.textContent = now.done ? `${now.done} 行` : "";
  }
  setTimeout(look, 700);
}

setTimeout(look, 400);
