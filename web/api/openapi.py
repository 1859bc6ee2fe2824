"""The API's description (OpenAPI 3.1), made from the routes, and a page to try it."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import flask_swagger_ui
from flask import Flask, Response, current_app, jsonify, render_template, send_from_directory
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from web.access import everyone
from web.api.operations import Operation, blueprint
from web.api.schemas import Problem

TEMPLATE = "#/components/schemas/{model}"
ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
}


@blueprint.get("/openapi.json")
@everyone
def openapi() -> Response:
    """The description itself."""
    return jsonify(document(current_app._get_current_object()))  # type: ignore[attr-defined]


@blueprint.get("/docs")
@everyone
def docs() -> str:
    """A page on which each operation can be tried."""
    return render_template("api/docs.html")


@blueprint.get("/docs/assets/<name>")
@everyone
def docs_asset(name: str) -> Response:
    """Swagger UI's own files, from the installed package."""
    if name not in ASSETS:
        return Response(status=404)
    return send_from_directory(_assets_folder(), name, mimetype=ASSETS[name], max_age=86400)


def document(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI document of the app's `/api/v1` routes."""
    found = list(_operations(app))
    shapes: set[type[BaseModel]] = {
        Problem,
        *(shape for *_, item in found for shape in _shapes(item)),
    }
    _, schemas = models_json_schema(
        [(shape, "validation") for shape in shapes], ref_template=TEMPLATE
    )
    paths: dict[str, Any] = {}
    for path, method, parameters, item in found:
        paths.setdefault(path, {})[method] = _described(parameters, item, schemas["$defs"])
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "连心桥 12345 知识库接口",
            "version": "1",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"conversation": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operations(app: Flask) -> Any:
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        item = getattr(app.view_functions[rule.endpoint], "operation", None)
        if item is None:
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield path, method.lower(), sorted(rule.arguments), item


def _shapes(item: Operation) -> list[type[BaseModel]]:
    return [shape for shape in (item.answer, item.query, item.body) if shape is not None]


def _described(arguments: list[str], item: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in arguments
    ]
    if item.query is not None:
        shape = schemas[item.query.__name__]
        parameters += [
            {
                "name": name,
                "in": "query",
                "required": name in shape.get("required", []),
                "description": schema.get("description", ""),
                "schema": {key: value for key, value in schema.items() if key != "description"},
            }
            for name, schema in shape["properties"].items()
        ]
    described: dict[str, Any] = {
        "summary": item.summary,
        "parameters": parameters,
        "responses": {
            str(item.status): {"description": "成功", "content": _content(item.answer)},
            "default": {
                "description": "出错（RFC 9457）",
                "content": {"application/problem+json": _schema(Problem)},
            },
        },
    }
    if item.body is not None:
        described["requestBody"] = {"required": True, "content": _content(item.body)}
    if item.needs_token:
        described["security"] = [{"conversation": []}]
    return described


def _content(shape: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": _schema(shape)}


def _schema(shape: type[BaseModel]) -> dict[str, Any]:
    return {"schema": {"$ref": TEMPLATE.format(model=shape.__name__)}}


@lru_cache(maxsize=1)
def _assets_folder() -> Path:
    return Path(flask_swagger_ui.__file__).parent / "dist"
