// What the page itself says, in both languages. What the assistant says comes from the server.

const WORDS = {
  zh: {
    tag: "zh-CN",
    otherLanguage: "Switch to English",
    otherLanguageShort: "EN",
    assistant: "智能助手在线",
    waiting: "正在为您转接人工",
    waitingNext: "人工排队中，下一位就是您",
    waitingPlace: (before) => `人工排队中，前面还有 ${before} 位`,
    person: (name) => `${name || "人工客服"} 正在为您服务`,
    closed: "本次服务已结束",
    offline: "网络已断开，恢复后会继续",
    holderNote: {
      person: (name) => `${name || "人工客服"} 已接入`,
      queue: () => "已转人工",
      bot: () => "已由智能助手继续为您服务",
      closed: () => "本次服务已结束",
    },
    colleague: "人工客服",
    personTypes: (name) => `${name} 正在输入…`,
    doing: { searching: "正在查找资料…", picture: "正在看您发来的图片…" },
    read: "已读",
    withdrawn: "上面这段不够确定，已撤回，请以下面的答复为准。",
    sentenceWithdrawn: "这句不够确定，已撤回。",
    welcome: "您好，想办点什么？",
    welcomeMore: "查订单、问商品、申请退款都可以，也可以直接发截图或照片。",
    ideas: ["我的订单到哪了", "几天内可以退货？", "帮我推荐商品", "我想申请退款", "转人工"],
    conversation: "对话内容",
    typing: "助手正在输入",
    yourMessage: "输入消息",
    placeholder: "输入消息…",
    send: "发送",
    addPicture: "添加图片",
    pictures: "待发送的图片",
    picture: "图片",
    pictureOf: (n) => `您发送的图片 ${n}`,
    productPicture: "商品图片",
    removePicture: "移除这张图片",
    uploading: (percent) => `上传中 ${percent}%`,
    reading: "正在读取图片…",
    dropHere: "松开即可添加图片",
    fine: "智能助手可能出错，请以订单页面为准",
    tooLong: (n, limit) => `${n} / ${limit}，请分几条发送`,
    pictureTooLarge: (mb) => `图片超过 ${mb} MB，请压缩后再发，或截取关键部分`,
    tooManyPictures: (n) => `一次最多 ${n} 张图片`,
    notSent: "未发送成功",
    sendAgain: "重新发送",
    noConnection: "网络不通，请检查后重试",
    serverTrouble: "服务暂时不可用，请稍后再试",
    sources: "资料来源",
    openSource: (title) => `查看资料：${title}`,
    close: "关闭",
    newConversation: "开始新对话",
    newConversationSure: "开始新对话？当前对话将从此设备上移除。",
    rate: "评价服务",
    rateTitle: "这次服务怎么样？",
    rateWords: "想补充点什么？（选填）",
    rateSend: "提交评价",
    rateThanks: "感谢您的评价",
    rateSorry: "很抱歉没让您满意，需要同事来帮您吗？",
    askForPerson: "转人工",
    stars: (n) => `${n} 星`,
    choose: "就看这个",
    today: "今天",
    yesterday: "昨天",
  },
  en: {
    tag: "en",
    otherLanguage: "切换到中文",
    otherLanguageShort: "中",
    assistant: "Assistant, here now",
    waiting: "Passing you to a colleague",
    waitingNext: "In the queue, you're next",
    waitingPlace: (before) => `In the queue, ${before} ahead of you`,
    person: (name) => `You're talking to ${name || "a colleague"}`,
    closed: "This chat has ended",
    offline: "You're offline, we'll carry on when you're back",
    holderNote: {
      person: (name) => `${name || "A colleague"} has joined`,
      queue: () => "Passed on to a colleague",
      bot: () => "The assistant is back with you",
      closed: () => "This chat has ended",
    },
    colleague: "A colleague",
    personTypes: (name) => `${name} is typing…`,
    doing: { searching: "Looking it up…", picture: "Looking at your picture…" },
    read: "Read",
    withdrawn: "I wasn't certain of that, so I've taken it back. Please go by what follows.",
    sentenceWithdrawn: "I wasn't certain of that, so I've taken it back.",
    welcome: "Hello, how can we help?",
    welcomeMore: "Track an order, ask about a product, request a refund, or just send a screenshot or a photo.",
    ideas: ["Where's my order?", "How long do I have to return?", "Help me find a product", "I'd like a refund", "Talk to a person"],
    conversation: "Conversation",
    typing: "The assistant is typing",
    yourMessage: "Your message",
    placeholder: "Write a message…",
    send: "Send",
    addPicture: "Add a picture",
    pictures: "Pictures to send",
    picture: "Picture",
    pictureOf: (n) => `Picture ${n} that you sent`,
    productPicture: "Product picture",
    removePicture: "Remove this picture",
    uploading: (percent) => `Uploading, ${percent}%`,
    reading: "Reading the picture…",
    dropHere: "Drop to add your pictures",
    fine: "The assistant can make mistakes.",
    tooLong: (n, limit) => `${n} / ${limit}, please send it in parts`,
    pictureTooLarge: (mb) => `That picture is over ${mb} MB. Make it smaller or crop it to what matters.`,
    tooManyPictures: (n) => `${n} pictures at a time is the most`,
    notSent: "Not sent",
    sendAgain: "Send again",
    noConnection: "No connection. Check it and try again.",
    serverTrouble: "We can't be reached right now. Please try again in a moment.",
    sources: "Sources",
    openSource: (title) => `Open source: ${title}`,
    close: "Close",
    newConversation: "New conversation",
    newConversationSure: "Start a new conversation? This one will be gone from this device.",
    rate: "Rate our service",
    rateTitle: "How did we do?",
    rateWords: "Anything to add? (optional)",
    rateSend: "Send rating",
    rateThanks: "Thank you for rating us",
    rateSorry: "We're sorry it wasn't better. Would you like a colleague to help?",
    askForPerson: "Talk to a person",
    stars: (n) => (n === 1 ? "1 star" : `${n} stars`),
    choose: "This one",
    today: "Today",
    yesterday: "Yesterday",
  },
};

let current = "zh";

export const language = () => current;
export const word = (name, ...values) => {
  const found = WORDS[current][name];
  return typeof found === "function" ? found(...values) : found;
};

/** Write the page's own words into `root`, in the language that is chosen. */
export function label(root = document) {
  for (const node of root.querySelectorAll("[data-text]")) node.textContent = word(node.dataset.text);
  for (const node of root.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", word(node.dataset.label));
    if (node.matches("button")) node.title = word(node.dataset.label);
  }
  for (const node of root.querySelectorAll("[data-placeholder]")) node.placeholder = word(node.dataset.placeholder);
}

export function choose(name) {
  current = name === "en" ? "en" : "zh";
  document.documentElement.lang = WORDS[current].tag;
}
