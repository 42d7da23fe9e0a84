"""What marks and verdicts are called in exports, in English and Chinese (and a little German)."""

MARKS: dict[str, dict[str, str]] = {
    # marks that are given in words -> the number that stands for each, of which higher is better
    "five": {
        "verysatisfied": "5", "satisfied": "4", "neutral": "3", "dissatisfied": "2", "verydissatisfied": "1",
        "unsatisfied": "2", "veryunsatisfied": "1", "非常满意": "5", "很满意": "5", "满意": "4",
        "比较满意": "4", "一般": "3",
        "基本满意": "3", "不满意": "2", "不太满意": "2", "非常不满意": "1", "很不满意": "1",
        "sehrzufrieden": "5", "zufrieden": "4", "unzufrieden": "2", "sehrunzufrieden": "1",
    },
    "excellent": {"excellent": "5", "good": "4", "average": "3", "fair": "3", "poor": "2", "bad": "2",
                  "terrible": "1", "优秀": "5", "优": "5", "良好": "4", "良": "4", "中": "3", "合格": "3",
                  "差": "2", "不合格": "1", "很差": "1"},
}

VERDICTS: dict[str, tuple[str, ...]] = {
    "yes": ("1", "yes", "y", "true", "t", "是", "是的", "对", "有", "√", "✓", "ja", "j",
            "resolved", "solved", "closed", "已解决", "解决", "complaint", "投诉", "已投诉", "有投诉",
            "success", "successful", "sold", "sale", "成功", "成交", "已成交", "本人"),
    "no": ("0", "no", "n", "false", "f", "否", "不是", "无", "没有", "×", "✗", "nein",
           "unresolved", "notresolved", "unsolved", "open", "未解决", "没解决", "nocomplaint",
           "未投诉", "无投诉", "failed", "failure", "unsuccessful", "notsold", "失败", "未成功",
           "未成交", "非本人"),
}

UNJUDGED = ("", "na", "none", "null", "nan", "unrated", "notrated", "noanswer", "未评价", "未评", "未参评",
            "未打分", "未质检", "暂无", "keineangabe")
"""Texts that say that nobody judged: these, and what has no letter or digit in it."""
