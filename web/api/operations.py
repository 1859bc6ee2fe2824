"""Routes of the API: what they take and give is declared once, checked, and documented."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from web.problems import ProblemError

Shape = TypeVar("Shape", bound=BaseModel)

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@dataclass(frozen=True)
class Operation:
    """What the OpenAPI document says of a view."""

    summary: str
    answer: type[BaseModel]
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    status: int = 200
    needs_token: bool = False


def operation(declared: Operation) -> Callable[[Callable[..., BaseModel]], Callable[..., Response]]:
    """Make a view of a function that returns one of the shapes."""

    def decorate(function: Callable[..., BaseModel]) -> Callable[..., Response]:
        @functools.wraps(function)
        def view(**path: Any) -> Response:
            answer = function(**path)
            response = jsonify(answer.model_dump(mode="json", by_alias=True))
            response.status_code = declared.status
            return response

        cast("Any", view).operation = declared
        return view

    return decorate


def query(shape: type[Shape]) -> Shape:
    """Read the address line's parameters.

    Raises:
        ProblemError: 422, names each parameter that is missing or wrong.
    """
    return _validated(shape, request.args.to_dict(), strict=False)


def body(shape: type[Shape]) -> Shape:
    """Read the JSON body.

    Raises:
        ProblemError: 400 not JSON, 415 not said to be JSON, 422 a field is wrong.
    """
    try:
        data = request.get_json()
    except UnsupportedMediaType as error:
        raise ProblemError(415, "请用 Content-Type: application/json 发送 JSON") from error
    except (BadRequest, RecursionError) as error:
        raise ProblemError(400, "请求正文不是有效的 JSON，请检查括号、引号和编码") from error
    if not isinstance(data, dict):
        raise ProblemError(422, '请求正文应是一个 JSON 对象，例如 {"text": "…"}')
    return _validated(shape, data, strict=True)


def _validated(shape: type[Shape], data: Any, *, strict: bool) -> Shape:
    try:
        if strict:
            return shape.model_validate_json(request.get_data(cache=True), strict=True)
        return shape.model_validate(data)
    except ValidationError as error:
        errors = {
            ".".join(map(str, one["loc"])) or "正文": _in_chinese(cast("Any", one))
            for one in error.errors(include_url=False, include_input=False)
        }
        detail = "；".join(f"{name}：{text}" for name, text in errors.items())
        raise ProblemError(422, detail, errors) from error


def _in_chinese(error: dict[str, Any]) -> str:
    limits = error.get("ctx", {})
    texts = {
        "missing": "缺少这一项",
        "extra_forbidden": "没有这个参数，请去掉",
        "string_too_long": f"太长，最多 {limits.get('max_length')} 个字",
        "string_too_short": "不能为空",
        "string_type": "应是文字",
        "string_pattern_mismatch": "只能含字母、数字、下划线和短横线",
        "int_parsing": "应是整数",
        "int_type": "应是整数",
        "bool_type": "应是 true 或 false",
        "bool_parsing": "应是 true 或 false",
        "greater_than_equal": f"不能小于 {limits.get('ge')}",
        "less_than_equal": f"不能大于 {limits.get('le')}",
        "enum": f"只能是 {limits.get('expected')}",
        "string_unicode": "含有无法识别的字符",
    }
    return texts.get(error["type"], "格式不对")
