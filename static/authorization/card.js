/* The card page: talks to the control on this machine (card_control.js), and to the portal by two
   requests. The PIN is read from its field once, goes to the control, and is forgotten. */
(function () {
  "use strict";

  const page = document.querySelector("[data-card]");
  if (!page) return;

  const { Control, Problem, WAIT, MOST_TOLD, triesLeft } = window.portalCard;
  const LOOK_AGAIN = 3000;
  const LEAVE_AFTER = 2500;

  // step: which of the four, 0 for the one that it was; kind: how it is drawn; word: what the step
  // says, where it is not the kind's own.
  const STATES = {
    connecting: { step: 1, kind: "busy", title: "正在连接本机的法人卡控件……", help: "" },
    missing: { step: 1, kind: "wrong", title: "没有找到法人卡控件", help: "请在本机安装并启动“电子口岸客户端控件”（可从中国国际贸易单一窗口网站下载），接好读卡器，然后点击“重新检测”。如浏览器询问是否允许访问本机设备，请选择允许。" },
    mute: { step: 1, kind: "wrong", title: "控件没有回应", help: "已连上控件，但它没有在规定时间内回应。请退出并重新启动“电子口岸客户端控件”，然后点击“重新检测”。" },
    broken: { step: 1, kind: "wrong", title: "控件服务故障", help: "控件已启动，但它的服务连接失败（Err:Base60408）。请退出并重新启动“电子口岸客户端控件”，然后点击“重新检测”。" },
    dropped: { step: 1, kind: "wrong", title: "与控件的连接中断", help: "操作没有完成，授权状态未改变。请确认控件仍在运行，然后点击“重新检测”。" },
    reading: { step: 2, kind: "busy", title: "正在读取法人卡……", help: "" },
    reader: { step: 2, kind: "wrong", title: "读卡器未就绪", help: "请检查读卡器是否接好、指示灯是否亮起，重新插好法人卡；插好后本页自动继续。" },
    empty: { step: 2, kind: "wrong", title: "没有检测到法人卡", help: "请将本企业的法人卡插入读卡器；插好后本页自动继续。" },
    unread: { step: 2, kind: "wrong", title: "法人卡读取失败", help: "" },
    ready: { step: 3, kind: "ready", title: "法人卡已就绪", help: "请核对卡上单位，输入卡密码后点击签名。" },
    differs: { step: 3, kind: "warn", title: "卡上单位与登记的企业名称不同", help: "请确认插入的是本企业的法人卡；确认无误后，输入卡密码并点击签名。" },
    checking: { step: 3, kind: "busy", title: "正在核对卡密码……", help: "请不要拔出法人卡。" },
    pin: { step: 3, kind: "wrong", title: "卡密码不正确", help: "" },
    locked: { step: 3, kind: "wrong", title: "卡密码已锁定", help: "请到电子口岸制卡中心解锁；如有本企业的另一张法人卡，换卡后点击“重新读卡”。" },
    asking: { step: 3, kind: "busy", title: "正在取得签名内容……", help: "请不要拔出法人卡。" },
    signing: { step: 3, kind: "busy", title: "法人卡正在签名……", help: "请不要拔出法人卡；如控件弹出窗口，请在其中确认。" },
    slow: { step: 0, kind: "wrong", title: "法人卡没有在规定时间内完成操作", help: "授权状态未改变。请重新插卡，或重新启动控件后再试。" },
    unsigned: { step: 3, kind: "wrong", title: "签名没有完成", help: "" },
    cancelled: { step: 3, kind: "warn", title: "已取消", word: "已取消", help: "授权状态未改变。如需继续，请点击“重新读卡”。" },
    verifying: { step: 4, kind: "busy", title: "系统正在验证签名……", help: "" },
    refused: { step: 0, kind: "wrong", title: "验证未通过", help: "" },
    offline: { step: 0, kind: "wrong", title: "无法连接本系统", help: "请检查网络后刷新页面；如刷新后授权状态已改变，则已办理成功。" },
    away: { step: 0, kind: "wrong", title: "登录已失效", help: "请重新登录后再办理。" },
    fault: { step: 0, kind: "wrong", title: "页面出错", help: "操作没有完成，请刷新页面后再试。" },
    done: { step: 4, kind: "done", title: "", help: "" },
  };
  const SIGNS = { busy: "reset", wrong: "warning", warn: "warning", ready: "info", done: "success" };
  const STEP_WORDS = { busy: "进行中", wrong: "未完成", ready: "等待输入", warn: "等待输入", done: "已完成" };
  // In these the card may come back by itself.
  const WATCHED = ["reader", "empty"];
  // Nothing can be signed in these, so that no PIN is asked for.
  const WITHOUT_PIN = ["locked", "cancelled", "done", "away", "offline", "fault"];
  // In these another reading of the card helps nothing.
  const WITHOUT_AGAIN = ["pin", "away", "offline", "fault"];
  // Until the portal verifies, whatever goes on can be given up.
  const CANCELLABLE = ["checking", "asking", "signing"];

  function part(name) { return page.querySelector("[data-" + name + "]"); }

  const isRevoking = page.dataset.purpose === "revoke";
  const pin = document.getElementById("card-pin");
  const signButton = part("sign-button");
  const again = part("again");
  const cancelButton = part("cancel");
  let control = null;
  let busy = false;
  let leaving = false;
  let watching = 0;
  let present = 1;
  let shownCard = "";
  let isCancelled = false;

  /* --- drawing --------------------------------------------------------------------------------- */

  function drawIcon(place, name) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    const use = document.createElementNS(space, "use");
    svg.setAttribute("class", "icon");
    use.setAttribute("href", page.dataset.icons + "#" + name);
    svg.appendChild(use);
    place.replaceChildren(svg);
  }

  function show(name, help, title) {
    const state = STATES[name];
    const box = page.querySelector(".card-state");
    const before = box.dataset.state;
    present = state.step || present;
    box.dataset.state = name;
    box.dataset.kind = state.kind;
    const words = title || state.title;
    const more = help || state.help;
    // Unchanged words are not written again: a reader of the screen would hear them every time.
    if (before !== name || part("title").textContent !== words) part("title").textContent = words;
    if (part("help").textContent !== more) part("help").textContent = more;
    if (before !== name) drawIcon(part("sign"), SIGNS[state.kind]);
    page.querySelectorAll("[data-step]").forEach(function (step) {
      const number = Number(step.dataset.step);
      const kind = number < present ? "done" : number > present ? "later" : state.kind;
      step.dataset.kind = kind;
      step.querySelector("[data-step-state]").textContent = (number === present && state.word) || STEP_WORDS[kind] || "未开始";
      if (number === present && kind !== "done") step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    });
    const hasCard = present > 2 && !WITHOUT_PIN.includes(name);
    const mayType = hasCard && state.kind !== "busy";
    part("pin-part").hidden = !hasCard;
    if (!hasCard) pin.value = "";
    part("facts").hidden = present < 3;
    pin.disabled = signButton.disabled = !mayType;
    cancelButton.hidden = !CANCELLABLE.includes(name);
    again.hidden = name !== "cancelled" && (state.kind !== "wrong" || WITHOUT_AGAIN.includes(name));
    again.textContent = present < 3 ? "重新检测" : "重新读卡";
    part("download-link").hidden = name !== "missing";
    watch(WATCHED.includes(name));
  }

  function nextLink(address, words) {
    const link = part("next");
    link.href = address;
    link.textContent = words;
    link.hidden = false;
    return link;
  }

  /* --- what is done ------------------------------------------------------------------------------ */

  function stopped(problem, otherwise) {
    if (leaving) return;
    if (!(problem instanceof Problem)) {
      nextLink(window.location.href, "刷新页面");
      show("fault");
      throw problem;
    }
    const state = problem.state === "unread" && otherwise ? otherwise : problem.state;
    show(state, state === "pin" ? pinHelp(problem.help) : problem.help);
    if (!pin.disabled) pin.focus();
    else if (!again.hidden) again.focus();
    else if (!part("next").hidden) part("next").focus();
  }

  function pinHelp(words) {
    const left = triesLeft(words);
    return left !== null
      ? "还可再试 " + left + " 次，用完后卡将锁定；请核对后重新输入。"
      : "请核对后重新输入；多次输错卡将锁定。控件提示：" + words;
  }

  async function start() {
    if (busy) return;
    busy = true;
    try {
      show("connecting");
      if (control) control.close();
      const opened = new Control(page.dataset.control, function () {
        if (control === opened && !busy && !leaving) show("dropped");
      });
      control = opened;
      await control.open();
      await read(true);
    } catch (problem) {
      stopped(problem);
    } finally {
      busy = false;
    }
  }

  /* Ask who is on the card. `aloud`: show that we are reading; a watch does it silently. */
  async function read(aloud) {
    if (aloud) show("reading");
    const number = await control.ask("SpcGetCardID", {}, WAIT.ask);
    const unit = await control.ask("SpcGetEntName", {}, WAIT.ask);
    const holder = await control.ask("SpcGetUName", {}, WAIT.ask);
    shownCard = await certificateNumber();
    const facts = { number: number, unit: unit, holder: holder };
    Object.keys(facts).forEach(function (name) {
      page.querySelector('[data-fact="' + name + '"]').textContent = (facts[name][0] || "—").slice(0, MOST_TOLD);
    });
    show(unit[0] && unit[0] !== page.dataset.enterprise ? "differs" : "ready");
    pin.focus();
  }

  async function certificateNumber() {
    return (await control.ask("SpcGetCertNo", {}, WAIT.ask))[0] || "";
  }

  /* Whether the card in the reader is the one that is shown; another is shown instead. A PIN that
     was typed for one card must not use up the tries of another. */
  async function isShownCard() {
    if ((await certificateNumber()) === shownCard) return true;
    await read(false);
    show(page.querySelector(".card-state").dataset.state, "读卡器中的卡已更换，请核对卡上单位后重新输入卡密码。");
    return false;
  }

  function watch(wanted) {
    clearTimeout(watching);
    if (!wanted) return;
    watching = setTimeout(async function () {
      if (busy || leaving) return;
      busy = true;
      try {
        await read(false);
      } catch (problem) {
        stopped(problem);
      } finally {
        busy = false;
      }
    }, LOOK_AGAIN);
  }

  async function sign() {
    if (busy || signButton.disabled) return;
    let secret = pin.value;
    pin.value = "";
    if (!secret) {
      show("ready", "请先输入卡密码。");
      pin.focus();
      return;
    }
    busy = true;
    isCancelled = false;
    try {
      show("checking");
      if (!(await isShownCard())) return;
      await control.ask("SpcVerifyPINAll", { passwd: secret }, WAIT.pin);
      show("asking");
      const challenge = await post(page.dataset.challengeUrl, { purpose: page.dataset.purpose });
      if (isCancelled) throw new Problem("cancelled");
      part("text").textContent = challenge.text;
      part("text-part").hidden = false;
      show("signing");
      const signing = control.ask("SpcSignDataAsPEM", { inData: challenge.text, passwd: secret }, WAIT.sign);
      secret = "";
      const signed = await signing;
      const certificate = await control.ask("SpcGetSignCertAsPEM", {}, WAIT.ask);
      if (!signed[0] || !certificate[0]) throw new Problem("unsigned", "控件没有给出签名或证书，请重新插卡后再试。");
      show("verifying");
      const done = await post(page.dataset.acceptUrl, {
        purpose: page.dataset.purpose,
        nonce: challenge.nonce,
        signature: signed[0],
        card: certificate[0],
      });
      finish(done);
    } catch (problem) {
      stopped(problem, "unsigned");
    } finally {
      secret = "";
      busy = false;
    }
  }

  /* Leave what goes on: a signature that still comes is heard by nobody. */
  function cancel() {
    isCancelled = true;
    cancelButton.hidden = true;
    control.close();
    control.giveUp("cancelled");
  }

  async function post(address, sent) {
    const stop = new AbortController();
    const timer = setTimeout(function () { stop.abort(); }, WAIT.server);
    let answer;
    let read = {};
    try {
      answer = await fetch(address, {
        method: "POST",
        credentials: "same-origin",
        redirect: "manual",
        cache: "no-store",
        signal: stop.signal,
        headers: {
          "Content-Type": "application/json",
          "X-CSRFToken": page.querySelector("[name=csrfmiddlewaretoken]").value,
        },
        body: JSON.stringify(sent),
      });
      if (/json/.test(answer.headers.get("Content-Type") || "")) read = await answer.json();
    } catch (error) {
      nextLink(window.location.href, "刷新页面");
      throw new Problem("offline");
    } finally {
      clearTimeout(timer);
    }
    if (answer.ok) return read;
    if (read.sentence) throw new Problem("refused", read.sentence);
    if (answer.type === "opaqueredirect" || answer.status === 403) {
      nextLink(window.location.href, "重新登录");
      throw new Problem("away");
    }
    nextLink(window.location.href, "刷新页面");
    throw new Problem("offline", "系统暂时不能处理请求，请稍后刷新页面再试。");
  }

  function finish(done) {
    leaving = true;
    control.close();
    part("standing").textContent = done.standing;
    // What was said of it before it was done.
    page.querySelectorAll("[data-before]").forEach(function (one) { one.hidden = true; });
    show("done", done.sentence, isRevoking ? "授权已撤销" : "授权成功");
    const link = nextLink(done.next, isRevoking ? "完成" : "进入首页");
    link.focus();
    // The page that is left has nothing more to offer: going back should not come to it.
    setTimeout(function () { window.location.replace(done.next); }, LEAVE_AFTER);
  }

  /* --- start ------------------------------------------------------------------------------------- */

  part("download-link").href = page.dataset.download;
  signButton.addEventListener("click", sign);
  again.addEventListener("click", start);
  cancelButton.addEventListener("click", cancel);
  pin.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && !event.isComposing) sign();
  });
  window.addEventListener("pagehide", function () {
    pin.value = "";
    clearTimeout(watching);
    if (control) control.close();
  });
  window.addEventListener("pageshow", function (event) {
    // Kept by the browser and shown again: what it says may be long past.
    if (event.persisted) window.location.reload();
  });
  start();
})();
