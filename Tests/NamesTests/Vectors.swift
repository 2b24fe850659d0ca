internal import Vocabulary

@testable internal import Names

/// The labelled names of the specification's test data, as it writes them.
enum Vectors {
  /// The library on the test day, 2026-11-20: id, name, division, trade name, industry, form, class,
  /// type, scope, state.
  static let library = rows(
    """
    L01|沈阳星澜软件有限公司|沈阳|星澜|软件|有限公司|6513|1130|210100|registered
    L02|沈阳和润餐饮管理有限公司|沈阳|和润|餐饮管理|有限公司|6210|1151|210100|registered
    L03|大连海屿水产食品有限公司|大连|海屿|水产食品|有限公司|1361|1130|210200|registered
    L04|鞍山铸诚机械制造有限公司|鞍山|铸诚|机械制造|有限公司|3489|1190|210300|registered
    L05|辽宁禾沐源农业发展有限公司|辽宁|禾沐源|农业发展|有限公司|0111|1130|210000|registered
    L06|丹东江畔茶业有限公司|丹东|江畔|茶业|有限公司|5127|1151|210600|registered
    L07|营口岚湾物流有限公司|营口|岚湾|物流|有限公司|5821|1130|210800|registered
    L08|抚顺恒砚建筑工程有限公司|抚顺|恒砚|建筑工程|有限公司|4790|1190|210400|registered
    L09|锦州万棠置业有限公司|锦州|万棠|置业|有限公司|7010|1153|210700|registered
    L10|沈阳鑫垣建材有限公司|沈阳|鑫垣|建材|有限公司|5165|1130|210100|registered
    L11|沈阳云舸网络科技有限公司|沈阳|云舸|网络科技|有限公司|6429|1130|210100|registered
    L12|大连明澈咨询有限公司|大连|明澈|咨询|有限公司|7243|1151|210200|registered
    L13|沈阳金枢实业有限公司|沈阳|金枢|实业|有限公司|7212|1190|210100|registered
    L14|盘锦稻蔚水稻种植专业合作社|盘锦|稻蔚|水稻种植|专业合作社|0111|9100|211100|registered
    L15|朝阳宏屿机电设备有限公司|朝阳|宏屿|机电设备|有限公司|5179|1130|211300|registered
    L16|铁岭四海律动文化传媒有限公司|铁岭|四海律动|文化传媒|有限公司|7259|1130|211200|registered
    L17|沈阳瑞荞会计师事务所（普通合伙）|沈阳|瑞荞|会计师|事务所（普通合伙）|7241|4531|210100|registered
    L18|大连北宸创业投资中心（有限合伙）|大连|北宸|创业投资|中心（有限合伙）|6731|4533|210200|registered
    L19|葫芦岛远舸船舶修理厂|葫芦岛|远舸|船舶修理|厂|4342|4540|211400|registered
    L20|阜新玛瑙琳珠宝有限公司|阜新|玛瑙琳|珠宝|有限公司|5245|1151|210900|registered
    L21|本溪枫晚旅行社有限公司|本溪|枫晚|旅行社|有限公司|7291|1130|210500|registered
    L22|辽阳绒锦纺织股份有限公司|辽阳|绒锦|纺织|股份有限公司|1711|1222|211000|registered
    L23|沈阳云舸（集团）有限公司|沈阳|云舸|-|（集团）有限公司|7212|1190|210100|registered
    L24|沈阳澄岭贸易有限公司|沈阳|澄岭|贸易|有限公司|5199|1130|210100|cancelled 200 days ago
    L25|沈阳旧渡贸易有限公司|沈阳|旧渡|贸易|有限公司|5199|1130|210100|cancelled 400 days ago
    L26|沈阳碧霄技术有限公司|沈阳|碧霄|技术|有限公司|7590|1130|210100|former name, changed 100 days ago
    L27|沈阳墨棠设计有限公司|沈阳|墨棠|设计|有限公司|7492|1151|210100|reserved, 20 days left
    L28|沈阳石磬商贸有限公司|沈阳|石磬|商贸|有限公司|5199|1130|210100|establishment revoked 90 days ago
    L29|沈阳千禾种业有限公司|沈阳|千禾|种业|有限公司|0511|1130|210100|registered
    L30|沈阳市老巷口面馆|沈阳|老巷口|-|面馆|6220|9500|210100|registered (individual business)
    """
  )

  /// Id, candidate, industry, class, compared with, investment relation, verdict, rule, verdict under
  /// the law of 2017, hits against the whole library, remark.
  static let pairs = rows(
    """
    P01|沈阳星澜软件有限公司|软件|6513|L01|no|IDENTICAL|R1|IDENTICAL|L01:R1|exact
    P02|星澜（沈阳）软件有限公司|软件|6513|L01|no|IDENTICAL|R2|IDENTICAL|L01:R2|division moved into parentheses
    P04|沈阳市星澜软件有限公司|软件|6513|L01|no|IDENTICAL|R2|IDENTICAL|L01:R2|沈阳市 = 沈阳
    P05|沈阳星澜软件开发有限公司|软件开发|6513|L01|no|IDENTICAL|R4|SIMILAR|L01:R4|same 中类 651
    P07|沈阳新星澜软件有限公司|软件|6513|L01|no|SIMILAR|S2|SIMILAR|L01:S2|contains
    P08|沈阳星澜餐饮有限公司|餐饮|6210|L01|no|OK|R5|OK|-|I65 vs H62
    P10|辽宁星澜软件有限公司|软件|6513|L01|no|OK|R0|OK|-|provincial scope
    P11|沈阳澜星软件有限公司|软件|6513|L01|no|SIMILAR|S4|SIMILAR|L01:S4|order of characters
    P13|沈阳星澜有限公司|-|7212|L01|no|IDENTICAL|R3b|IDENTICAL|L01:R3b|no industry words
    P14|沈阳星澜实业有限公司|实业|7212|L01|no|SIMILAR|S6|SIMILAR|L01:S6|generic 实业
    P16|锦州万棠房地产开发有限公司|房地产开发|7010|L09|no|IDENTICAL|R4|SIMILAR|L09:R4|133号 example pattern 万青
    P17|锦州万棠地产有限公司|地产|7010|L09|no|IDENTICAL|R4|SIMILAR|L09:R4|same
    P19|锦州万棠物业服务有限公司|物业服务|7020|L09|no|SIMILAR|S6|SIMILAR|L09:S6|7010 vs 7020: same 大类 70
    P20|锦州万棠机械制造有限公司|机械制造|3489|L09|no|OK|R5|OK|-|K vs C
    P22|沈阳鑫垣建筑材料有限公司|建筑材料|5165|L10|no|IDENTICAL|R4|SIMILAR|L10:R4|建材/建筑材料
    P23|沈阳鑫垣商贸有限公司|商贸|5199|L10|no|SIMILAR|S6|SIMILAR|L10:S6|5165 vs 5199: same 大类 51
    P25|沈阳大新源建材有限公司|建材|5165|L10|no|SIMILAR|S3|SIMILAR|L10:S3|大+homophone 新源
    P26|沈阳垣鑫建材有限公司|建材|5165|L10|no|SIMILAR|S4|SIMILAR|L10:S4|order
    P28|沈阳今枢贸易有限公司|贸易|5199|L13|no|SIMILAR|S1|SIMILAR|L13:S1|homophone + generic industry (133号 4(五))
    P29|沈阳金枢餐饮管理有限公司|餐饮管理|6210|L13|no|SIMILAR|S6|SIMILAR|L13:S6|generic
    P31|沈阳旧渡贸易有限公司|贸易|5199|L25|no|OK|-|OK|-|cancelled > 1 year: released, so OK
    P32|沈阳碧霄技术有限公司|技术|7590|L26|no|IDENTICAL|R1|IDENTICAL|L26:R1|former name < 1 year
    P34|沈阳石磬商贸有限公司|商贸|5199|L28|no|IDENTICAL|R1|IDENTICAL|L28:R1|establishment revoked < 1 year
    P35|沈阳干禾种业有限公司|种业|0511|L29|no|SIMILAR|S5|SIMILAR|L29:S5|千/干 look alike
    P37|沈阳云舸网络技术有限公司|网络技术|6429|L11|no|IDENTICAL|R4|SIMILAR|L11:R4,L23:R3b|技术/科技
    P38|沈阳云戈网络科技有限公司|网络科技|6429|L11|no|OK|R7|OK|-|gě / gē differ in tone: SIMILAR if ignore_tone
    P40|大连明彻咨询有限公司|咨询|7243|L12|no|SIMILAR|S1|SIMILAR|L12:S1|澈/彻 both chè
    P41|大连北辰创业投资中心（有限合伙）|创业投资|6731|L18|no|SIMILAR|S1|SIMILAR|L18:S1|宸/辰
    P43|沈阳松蹊软件有限公司|软件|6513|L01|no|OK|R7|OK|-|unrelated
    P44|营口岚湾货运代理有限公司|货运代理|5821|L07|no|IDENTICAL|R4|SIMILAR|L07:R4|物流/货运代理, both 5821
    """
  )

  /// Id, name, industry, type, authority.
  static let good = rows(
    """
    G01|沈阳星漪软件有限公司|软件|1130|210100
    G02|大连蔚汐水产食品有限公司|水产食品|1151|210200
    G04|抚顺琥珀坊工艺品有限公司|工艺品|1151|210400
    G05|本溪翠霁旅行社有限公司|旅行社|1130|210500
    G07|锦州帆屿港口服务有限公司|港口服务|1130|210700
    G08|营口镁塬新材料有限公司|新材料|1190|210800
    G10|辽阳绒屿纺织股份有限公司|纺织|1222|211000
    G11|盘锦苇澜水稻种植专业合作社|水稻种植|9100|211100
    G13|朝阳化岩科普文化有限公司|文化|1130|211300
    G14|葫芦岛泳汐服装有限公司|服装|1130|211400
    G16|大连屿衡创业投资中心（有限合伙）|创业投资|4533|210200
    G17|辽宁沐岚农业发展有限公司|农业发展|1130|210000
    """
  )

  /// Id, name, type, authority, rule, remark.
  static let bad = rows(
    """
    I01|沈阳星A软件有限公司|1130|210100|V01a|Latin letter
    I02|沈阳360贸易有限公司|1130|210100|V01a|Arabic digits
    I04|和平区星漪软件有限公司|1130|210100|V02b|district without 沈阳
    I05|浑南高新区星漪软件有限公司|1130|210100|V02c|zone name alone
    I07|大连星漪软件有限公司|1130|210100|V02a|domicile is Shenyang
    I08|沈阳漪软件有限公司|1130|210100|V03|one character
    I10|沈阳大连软件有限公司|1130|210100|V04a|place name as trade name
    I11|沈阳动力机械有限公司|1130|210100|V04b|industry modifier (2025 guide example)
    I13|沈阳星漪软件股份有限公司|1130|210100|V05b|LLC may not call itself 股份
    I14|沈阳清荞会计师事务所|4531|210100|V14|partnership needs （普通合伙）
    I16|中国星漪软件有限公司|1130|210100|V07|State Council approval needed
    I17|沈阳全国星漪物流有限公司|1130|210100|V08|manual review
    I19|沈阳联合国贸易有限公司|1130|210100|V09b|international organisation
    I20|沈阳妇联家政服务有限公司|1151|210100|V10|mass organisation
    I22|沈阳海洛因餐饮有限公司|1151|210100|V06d|drugs
    I23|沈阳推牌九娱乐有限公司|1151|210100|V06d|gambling
    I25|沈阳星漪慈善服务有限公司|1130|210100|V11|suggests non-profit
    I26|沈阳博士科技有限公司|1130|210100|V18|title as trade name
    I28|沈阳星漪软件有限公司大连分公司|2130|210200|V13a|branch of 大连明澈咨询有限公司 does not carry its name
    I29|大连明澈咨询有限公司沈阳中心|2130|210100|V13b|no 分公司 suffix
    """
  )

  private static func rows(_ text: String) -> [[String]] {
    text.split(whereSeparator: \.isNewline).map { line in
      line.split(separator: "|", omittingEmptySubsequences: false).map {
        $0 == "-" ? "" : String($0)
      }
    }
  }
}
