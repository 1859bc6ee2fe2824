"""What went wrong, told: RFC 9457 to programs, a page to people."""

from collections.abc import Mapping
from typing import cast

import structlog
from flask import Flask, Response, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from knowledge.errors import ConflictError, ContentError, NotAllowedError, NotFoundError
from web.gateway.turns import BusyError

log = structlog.get_logger(__name__)

API_PREFIX = "/api/"
TITLES = {
    400: "请求有误",
    401: "需要凭据",
    403: "没有权限",
    404: "没有找到",
    405: "不支持这种请求",
    409: "内容已被别人修改",
    413: "内容太大",
    415: "格式不支持",
    422: "内容不符合要求",
    429: "太频繁了",
    500: "系统出错了",
    503: "还没准备好",
}
DETAILS = {
    400: "这个请求无法识别，请检查后再试。",
    401: "请先取得并出示这个对话的凭据。",
    403: "您的账号没有这一步的权限。如果需要，请联系系统管理员。",
    404: "没有这个页面，或者它已经不在了。请从首页重新进入。",
    405: "这个地址不支持这种操作。",
    413: "发送的内容太大，请缩小后再试。",
    415: "请用 application/json 发送 JSON。",
    429: "操作太频繁，请过一分钟再试；着急的话请拨打 12345。",
    500: "系统出错了，已经记录下来。请稍后再试；着急的话请拨打 12345。",
}


class ProblemError(Exception):
    """An error of the API with its status and, field by field, what was wrong."""

    def __init__(self, status: int, detail: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors or {}


def init_app(app: Flask) -> None:
    """Register one handler for each kind of error."""
    app.register_error_handler(ProblemError, lambda e: problem(e.status, e.detail, e.errors))
    app.register_error_handler(ContentError, lambda e: problem(422, str(e), e.problems))
    app.register_error_handler(NotFoundError, lambda e: problem(404, str(e)))
    app.register_error_handler(NotAllowedError, lambda e: problem(403, str(e)))
    app.register_error_handler(ConflictError, lambda e: problem(409, str(e)))
    app.register_error_handler(BusyError, lambda e: problem(429, str(e)))
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def problem(status: int, detail: str, errors: Mapping[str, str] | None = None) -> Response:
    """Return the error in the shape that the caller can read."""
    title = TITLES.get(status, "请求没有成功")
    if request.path.startswith(API_PREFIX):
        body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        if errors:
            body["errors"] = [{"field": name, "detail": text} for name, text in errors.items()]
        response = jsonify(body)
        response.content_type = "application/problem+json"
    else:
        page = render_template("problem.html", title=title, detail=detail, status=status)
        response = Response(page)
    response.status_code = status
    return response


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return cast("Response", error.get_response())
    response = problem(error.code, DETAILS.get(error.code, "请求没有成功，请稍后再试。"))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _csrf(_error: CSRFError) -> Response:
    return problem(400, "这个页面打开太久了或来源不对，没有保存。请返回上一页，刷新后再提交一次。")


def _unexpected(error: Exception) -> Response:
    log.error("request_failed", error=type(error).__name__, exc_info=error)
    return problem(500, DETAILS[500])
